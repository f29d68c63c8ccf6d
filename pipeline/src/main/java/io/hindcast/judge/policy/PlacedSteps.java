package io.hindcast.judge.policy;

import io.hindcast.data.Batch;
import io.hindcast.data.LoggedSteps;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.stats.Hashes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Logged steps in batches of one size, a step always in the same place of its batch, which follows from its episode and number: the
 * products of matrices round alike in the same place, so that what a policy says of a step does not depend on how the log was cut.
 *
 * @param steps the steps
 * @param batches each of {@link #WIDTH} rows, some of them empty
 * @param rows which step stands in a row of all batches, one batch after the other; -1 for none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record PlacedSteps(LoggedSteps steps, List<Batch> batches, int[] rows) {
    /** Rows of a batch: enough for the kernels to be fast. */
    static final int WIDTH = 32;

    /** With more sets of episodes, batches of one set each would be mostly empty. */
    private static final int MOST_SETS = 4;

    static PlacedSteps of(LoggedSteps steps) {
        // A batch of one set need not be shown to models that tell of others.
        var isApart = Arrays.stream(steps.within()).distinct().count() <= MOST_SETS;
        var sets = isApart ? steps.within() : new long[steps.rows()];
        var counts = new LinkedHashMap<Long, int[]>();
        var place = new int[steps.rows()];
        var last = "";
        var hash = 0L;
        for (var i = 0; i < place.length; i++) {
            var id = steps.episodes()[i];
            hash = id.equals(last) && i > 0 ? hash : Hashes.of(id);
            last = id;
            var column = (int) ((hash + steps.steps()[i]) & (WIDTH - 1));
            var count = counts.computeIfAbsent(sets[i], set -> new int[WIDTH]);
            place[i] = count[column]++ * WIDTH + column;
        }
        var starts = new HashMap<Long, Integer>();
        var end = 0;
        for (var set : counts.entrySet()) {
            starts.put(set.getKey(), end);
            end += Arrays.stream(set.getValue()).max().orElse(0) * WIDTH;
        }
        var rows = new int[end];
        Arrays.fill(rows, -1);
        for (var i = 0; i < place.length; i++) {
            rows[Objects.requireNonNull(starts.get(sets[i])) + place[i]] = i;
        }
        var possible = steps.batch().possible(Field.ACTION_MASK);
        var batches = new ArrayList<Batch>();
        for (var from = 0; from < rows.length; from += WIDTH) {
            batches.add(batch(steps.batch(), possible, rows, from));
        }
        return new PlacedSteps(steps, batches, rows);
    }

    /** A number of the episode of a step. */
    long hash(int row) {
        return Hashes.of(steps.episodes()[row]);
    }

    private static Batch batch(Batch all, boolean @Nullable [] possible, int[] rows, int from) {
        var spaces = all.spaces();
        var batch = new Batch(
                possible == null ? RowLayout.of(spaces) : RowLayout.of(spaces).with(Set.of(Field.ACTION_MASK)), WIDTH);
        var size = spaces.observationSize();
        var count = spaces.actions().size();
        for (var b = 0; b < WIDTH; b++) {
            var row = rows[from + b];
            if (row < 0) {
                continue;
            }
            System.arraycopy(all.observations(), row * size, batch.observations(), b * size, size);
            System.arraycopy(all.nextObservations(), row * size, batch.nextObservations(), b * size, size);
            if (all.actionIndices().length > 0) {
                batch.actionIndices()[b] = all.actionIndices()[row];
            } else {
                System.arraycopy(all.actions(), row * count, batch.actions(), b * count, count);
            }
            if (possible != null) {
                batch.setPossible(Field.ACTION_MASK, b, Arrays.copyOfRange(possible, row * count, (row + 1) * count));
            }
        }
        return batch;
    }
}
