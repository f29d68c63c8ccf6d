package io.hindcast.data;

import io.hindcast.data.RowLayout.Field;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Transitions in memory, from which batches are drawn. A transition is one row of floats, laid out as {@link RowLayout} says, so
 * that drawing it touches few cache lines; rows stand in chunks, so that their number is not limited by the length of an array.
 * They stand on the heap, or in a file that is mapped into memory; what is drawn is the same.
 */
public final class ReplayBuffer implements Replay, Rows, AutoCloseable {
    private static final int CHUNK_BITS = 15;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int LINE = 16;

    /** A sum of rewards that nothing discounts is bounded as if an episode had so many steps. */
    private static final int UNDISCOUNTED_STEPS = 10_000;

    private final RowLayout layout;
    private final Spaces spaces;
    private final int capacity;
    private final boolean continuous;
    private final int d;
    private final int actionFloats;
    private final int stride;
    private final int reward;
    private final int next;
    private final int stops;
    private final int duration;
    private final List<Field> optional;
    /** Where each of them begins. */
    private final int[] at;

    private final Map<Field, Place> places = new EnumMap<>(Field.class);
    private final float[][] chunks;
    private final @Nullable MappedRows mapped;
    private final BitSet lastOfEpisode = new BitSet();
    private double leastReward = Double.POSITIVE_INFINITY;
    private double greatestReward = Double.NEGATIVE_INFINITY;
    private double leastStep = 1;
    private int size;
    private int oldest;
    private boolean sealed;
    private int[] sectionEnds = {};
    private double[] sectionShares = {};

    /** Where in a row a field begins, below 0 if a row has none, and how long it is. */
    private record Place(int offset, int width) {}

    private Place place(Field field) {
        return Objects.requireNonNull(places.get(field));
    }

    /** An empty buffer for {@code capacity} transitions. */
    public ReplayBuffer(RowLayout layout, int capacity) {
        this(layout, capacity, null);
    }

    /** The same for transitions without optional fields. */
    public ReplayBuffer(Spaces spaces, int capacity) {
        this(RowLayout.of(spaces), capacity);
    }

    private ReplayBuffer(RowLayout layout, int capacity, @Nullable Path directory) {
        this.layout = layout;
        this.spaces = layout.spaces();
        this.capacity = capacity;
        d = spaces.observationSize();
        continuous = spaces.actions() instanceof ActionSpace.Continuous;
        actionFloats = layout.width(Field.ACTION);
        stride = layout.stride();
        reward = layout.offset(Field.REWARD);
        next = layout.offset(Field.NEXT_OBSERVATION);
        stops = layout.offset(Field.STOPS_BOOTSTRAP);
        duration = layout.offset(Field.DURATION);
        optional = layout.optional().stream().sorted().toList();
        at = optional.stream().mapToInt(layout::offset).toArray();
        for (var field : Field.values()) {
            places.put(field, new Place(layout.has(field) ? layout.offset(field) : -1, layout.width(field)));
        }
        mapped = directory == null ? null : new MappedRows(directory, capacity, stride, CHUNK);
        chunks = new float[mapped != null ? 0 : (int) (((long) capacity + CHUNK - 1) / CHUNK)][];
        for (var c = 0; c < chunks.length; c++) {
            var rows = Math.min(CHUNK, capacity - c * CHUNK);
            chunks[c] = new float[Math.multiplyExact(rows, stride)];
        }
    }

    /**
     * An empty buffer whose rows stand in a file in {@code directory} instead of on the heap. The file has no name; it is gone when
     * the buffer is closed or the process ends. Fill it, then {@link #seal} it, then draw from it.
     *
     * @throws java.io.UncheckedIOException if the file cannot be made
     */
    public static ReplayBuffer mapped(RowLayout layout, int capacity, Path directory) {
        return new ReplayBuffer(layout, capacity, directory);
    }

    /** How many bytes {@code rows} transitions take. */
    public static long bytes(RowLayout layout, long rows) {
        return rows * layout.stride() * Float.BYTES;
    }

    /** Says that nothing will be added or changed any more; before it, only one thread may use a mapped buffer. */
    public void seal() {
        if (mapped != null) {
            mapped.seal();
            sealed = true;
        }
    }

    /** Gives back the file of a mapped buffer, from which nothing may be drawn any more; of another it does nothing. */
    @Override
    public void close() {
        if (mapped != null) {
            mapped.close();
        }
    }

    @Override
    public RowLayout layout() {
        return layout;
    }

    @Override
    public Spaces spaces() {
        return spaces;
    }

    /** How many transitions it holds. */
    public int size() {
        return size;
    }

    /**
     * Which discrete actions are possible before and after a transition.
     *
     * @param here where the action was chosen, {@code [count]}; null: all
     * @param next where the value of the next observation counts, {@code [count]}; null: all, or not known
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    public record Possible(boolean @Nullable [] here, boolean @Nullable [] next) {
        /** Everything is. */
        public static final Possible ALL = new Possible(null, null);
    }

    /**
     * Adds a transition, of whose optional fields nothing is known; its arrays are copied.
     *
     * @throws IllegalStateException if the buffer is full
     */
    public void append(
            float[] observation, Action action, double reward, float[] nextObservation, TerminalFlag terminal) {
        append(observation, action, reward, nextObservation, terminal, Possible.ALL);
    }

    /** The same, of which it is known what was possible. */
    public void append(
            float[] observation,
            Action action,
            double reward,
            float[] nextObservation,
            TerminalFlag terminal,
            Possible possible) {
        if (size == capacity) {
            throw new IllegalStateException("Cannot append to a replay buffer of " + capacity + ": it is full");
        }
        write(size, observation, action, reward, nextObservation, terminal, 1, possible);
        size++;
    }

    /** Adds a row that takes {@code time}; when the buffer is full it takes the place of the oldest. */
    void appendNewest(
            float[] observation,
            Action action,
            double reward,
            float[] nextObservation,
            TerminalFlag terminal,
            float time,
            Possible possible) {
        write(oldest, observation, action, reward, nextObservation, terminal, time, possible);
        oldest = (oldest + 1) % capacity;
        size = Math.min(size + 1, capacity);
    }

    private void write(
            int row,
            float[] observation,
            Action action,
            double earned,
            float[] nextObservation,
            TerminalFlag terminal,
            float time,
            Possible possible) {
        var rows = chunk(row);
        var from = place(row);
        System.arraycopy(observation, 0, rows, from, d);
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            var values = ((Action.Vector) action).values();
            for (var j = 0; j < actionFloats; j++) {
                rows[from + d + j] = space.toUnit(j, values[j]);
            }
        } else {
            // An index is kept as the bits of an int.
            rows[from + d] = Float.intBitsToFloat(((Action.Index) action).index());
        }
        rows[from + reward] = (float) earned;
        leastReward = Math.min(leastReward, earned);
        greatestReward = Math.max(greatestReward, earned);
        System.arraycopy(nextObservation, 0, rows, from + next, d);
        rows[from + stops] = terminal == TerminalFlag.STOPS_BOOTSTRAP ? 1 : 0;
        rows[from + duration] = time;
        for (var i = 0; i < at.length; i++) {
            switch (optional.get(i)) {
                case ACTION_MASK ->
                    RowLayout.writeMask(possible.here, 0, spaces.actions().size(), rows, from + at[i]);
                case NEXT_ACTION_MASK ->
                    RowLayout.writeMask(possible.next, 0, spaces.actions().size(), rows, from + at[i]);
                default -> layout.writeUnknown(optional.get(i), rows, from + at[i]);
            }
        }
    }

    /**
     * Transitions as columns, a row after the other.
     *
     * @param observations {@code [rows * observation size]}
     * @param actions {@code [rows * dimension]} as logged; unused where actions are discrete
     * @param actionIndices {@code [rows]}; unused where actions are continuous
     * @param rewards {@code [rows]}
     * @param nextObservations {@code [rows * observation size]}
     * @param stopsBootstrap {@code [rows]}, see {@link TerminalFlag#STOPS_BOOTSTRAP}
     * @param durations {@code [rows]}, 0 or more; empty: every row takes one step
     * @param optional {@code [rows * width]} of the fields that were logged, as they stand in a row
     */
    @SuppressWarnings("ArrayRecordComponent") // a view of arrays that are refilled
    public record Columns(
            float[] observations,
            float[] actions,
            int[] actionIndices,
            double[] rewards,
            float[] nextObservations,
            boolean[] stopsBootstrap,
            double[] durations,
            Map<Field, float[]> optional) {}

    /**
     * Adds the rows {@code [from, to)} of {@code columns}, which belong to one episode and follow each other; {@link #endEpisode}
     * says where it ends. What was possible and done next is what was in the row behind, as long as the episode goes on.
     *
     * @throws IllegalStateException if the buffer has no place for them
     */
    public void append(Columns columns, int from, int to) {
        if (to - from > capacity - size) {
            throw new IllegalStateException("Cannot append to a replay buffer of " + capacity + ": it is full");
        }
        for (var row = from; row < to; row++) {
            goOnWith(columns, row);
            var rows = chunk(size);
            var start = place(size);
            System.arraycopy(columns.observations, row * d, rows, start, d);
            writeAction(columns, row, rows, start + d);
            var earned = columns.rewards[row];
            rows[start + reward] = (float) earned;
            leastReward = Math.min(leastReward, earned);
            greatestReward = Math.max(greatestReward, earned);
            System.arraycopy(columns.nextObservations, row * d, rows, start + next, d);
            rows[start + stops] = columns.stopsBootstrap[row] ? 1 : 0;
            rows[start + duration] = 1;
            if (columns.durations.length > 0) {
                takeTime(columns.durations[row], rows, start);
            }
            for (var i = 0; i < at.length; i++) {
                var field = optional.get(i);
                var values = columns.optional.get(field);
                if (values == null) {
                    layout.writeUnknown(field, rows, start + at[i]);
                } else {
                    var width = place(field).width;
                    System.arraycopy(values, row * width, rows, start + at[i], width);
                }
            }
            size++;
        }
    }

    private void writeAction(Columns columns, int row, float[] rows, int to) {
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            for (var j = 0; j < actionFloats; j++) {
                rows[to + j] = space.toUnit(j, columns.actions[row * actionFloats + j]);
            }
        } else {
            rows[to] = Float.intBitsToFloat(columns.actionIndices[row]);
        }
    }

    private void takeTime(double time, float[] rows, int start) {
        // Rows that take no time are few, and would make every value attainable.
        leastStep = time > 0 ? Math.min(leastStep, time) : leastStep;
        rows[start + duration] = (float) time;
    }

    /**
     * Says what follows on the transition appended last in its episode: row {@code row} of {@code columns}, whether it is appended
     * or not. Does nothing where an episode has just ended.
     */
    public void goOnWith(Columns columns, int row) {
        if (at.length == 0 || size == 0 || lastOfEpisode.get(size - 1)) {
            return;
        }
        var rows = chunk(size - 1);
        var start = place(size - 1);
        for (var i = 0; i < at.length; i++) {
            switch (optional.get(i)) {
                case NEXT_ACTION_MASK -> {
                    var masks = columns.optional.get(Field.ACTION_MASK);
                    if (masks != null) {
                        var width = place(Field.NEXT_ACTION_MASK).width;
                        System.arraycopy(masks, row * width, rows, start + at[i], width);
                    }
                }
                case NEXT_ACTION -> writeAction(columns, row, rows, start + at[i]);
                case NEXT_ACTION_KNOWN -> rows[start + at[i]] = 1;
                default -> {}
            }
        }
    }

    /** Says that the transition appended last was the last of its episode. */
    public void endEpisode() {
        if (size > 0) {
            lastOfEpisode.set(size - 1);
        }
    }

    /** Says that the transition appended last stops the bootstrap, whatever its row said. */
    public void stopBootstrap() {
        chunk(size - 1)[place(size - 1) + stops] = 1;
    }

    /** Gives row by row a reward in place of the one there. To be called when all is appended and before {@link #foldSteps}. */
    @Override
    public void changeRewards(RewardChange change) {
        leastReward = Double.POSITIVE_INFINITY;
        greatestReward = Double.NEGATIVE_INFINITY;
        for (var row = 0; row < size; row++) {
            var rows = chunk(row);
            var place = place(row) + reward;
            var changed = change.of(row, rows[place]);
            rows[place] = (float) changed;
            leastReward = Math.min(leastReward, changed);
            greatestReward = Math.max(greatestReward, changed);
        }
    }

    /** As {@link #changeRewards}. */
    @Override
    public void changeObservations(ObservationChange change) {
        for (var c = 0; c * CHUNK < size; c++) {
            var rows = Math.min(CHUNK, size - c * CHUNK);
            var values = chunk(c * CHUNK);
            change.of(values, 0, stride, rows);
            change.of(values, next, stride, rows);
        }
    }

    /** As {@link #changeRewards}; {@link Field#NEXT_ACTION} is changed too. */
    @Override
    public void changeActions(EntryChange change) {
        if (!continuous) {
            return;
        }
        for (var row = 0; row < size; row++) {
            var rows = chunk(row);
            changeAction(change, rows, place(row) + d);
            if (layout.has(Field.NEXT_ACTION)) {
                changeAction(change, rows, place(row) + layout.offset(Field.NEXT_ACTION));
            }
        }
    }

    private void changeAction(EntryChange change, float[] rows, int from) {
        for (var j = from; j < from + actionFloats; j++) {
            rows[j] = change.of(rows[j]);
        }
    }

    /**
     * The logarithm of the probability with which row {@code row}'s action was chosen, to the bit as it was logged;
     * of rows that have a {@link RowLayout.Field#BEHAVIOUR_LOG_PROB}
     */
    public double behaviourLogProb(int row) {
        return RowLayout.readDouble(chunk(row), place(row) + place(Field.BEHAVIOUR_LOG_PROB).offset);
    }

    /**
     * Draws the rows of several datasets by weight: for every row of a batch first a dataset, with a probability in proportion
     * to its weight, then a row of it uniformly. Without it all rows are drawn alike.
     *
     * @param ends where the rows of each dataset end (and the next one's begin); the last is the buffer's size
     * @param weights one a dataset, above 0
     */
    public void mix(List<Integer> ends, List<Double> weights) {
        if (ends.isEmpty() || ends.size() != weights.size() || ends.get(ends.size() - 1) != size) {
            throw new IllegalArgumentException("Cannot mix datasets that end at " + ends + " by weights " + weights
                    + ": there are " + size + " rows");
        }
        var sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        sectionEnds = ends.stream().mapToInt(Integer::intValue).toArray();
        sectionShares = new double[weights.size()];
        var share = 0.0;
        for (var i = 0; i < sectionShares.length; i++) {
            share += weights.get(i) / sum;
            sectionShares[i] = i == sectionShares.length - 1 ? 1 : share;
        }
    }

    /** Whether rows are drawn by weight. */
    boolean isMixture() {
        return sectionEnds.length > 1;
    }

    /** A row drawn as {@link #sample} draws. */
    int draw(RandomGenerator random) {
        if (!isMixture()) {
            return random.nextInt(size);
        }
        var u = random.nextDouble();
        var section = 0;
        while (u >= sectionShares[section]) {
            section++;
        }
        var from = section == 0 ? 0 : sectionEnds[section - 1];
        return from + random.nextInt(sectionEnds[section] - from);
    }

    /** Copies {@code batch.size()} rows from {@code from} on into a batch. */
    public void read(int from, Batch batch) {
        for (var b = 0; b < batch.size(); b++) {
            copy(from + b, batch, b);
        }
    }

    /** The same of these rows. */
    public void read(int[] rows, Batch batch) {
        for (var b = 0; b < batch.size(); b++) {
            copy(rows[b], batch, b);
        }
    }

    /** The rows with which episodes begin, in order. */
    public int[] firstRows() {
        return IntStream.range(0, size)
                .filter(row -> row == 0 || lastOfEpisode.get(row - 1))
                .toArray();
    }

    /**
     * Turns every row into the one that {@link NStep} makes of it and those behind it: its next observation, all that speaks of that
     * state, and whether it stops the bootstrap are those of the last of them. To be called once, when all is appended.
     */
    public void foldSteps(int n, double discount) {
        if (n == 1) {
            return;
        }
        var fold = new NStep(n, discount);
        var steps = new Appended();
        for (var row = 0; row < size; row++) {
            // Rows ahead are still as they were appended: they are folded only after this one.
            var folded = fold.fold(steps, row);
            var rows = chunk(row);
            var start = place(row);
            var end = chunk(folded.last());
            var endsAt = place(folded.last());
            rows[start + reward] = (float) folded.reward();
            rows[start + duration] = folded.duration();
            rows[start + stops] = end[endsAt + stops];
            System.arraycopy(end, endsAt + next, rows, start + next, d);
            for (var i = 0; i < at.length; i++) {
                if (optional.get(i).isOfNextState()) {
                    System.arraycopy(end, endsAt + at[i], rows, start + at[i], place(optional.get(i)).width);
                }
            }
        }
    }

    /**
     * Writes to every row its {@link Field#RETURN_TO_GO}, if rows have one: {@code G_t = r_t + discount^duration_t G_(t+1)}. To be
     * called when rewards are made ready and before {@link #foldSteps}.
     *
     * @param discount below 1 if returns are continued
     * @param cut what to make of episodes whose last row does not stop the bootstrap
     */
    public void sumUpAhead(double discount, CutReturn cut) {
        if (!layout.has(Field.RETURN_TO_GO)) {
            return;
        }
        var field = layout.offset(Field.RETURN_TO_GO);
        var sum = 0.0;
        for (var row = size - 1; row >= 0; row--) {
            var rows = chunk(row);
            var start = place(row);
            var isLast = lastOfEpisode.get(row) || row == size - 1;
            var isCut = isLast && rows[start + stops] == 0;
            var ahead = isLast ? isCut ? cut.ahead(rows[start + reward], discount) : 0 : sum;
            sum = rows[start + reward] + Math.pow(discount, rows[start + duration]) * ahead;
            rows[start + field] = (float) sum;
        }
    }

    /** Rows as they were appended. */
    private final class Appended implements NStep.Steps {
        @Override
        public double reward(int row) {
            return chunk(row)[place(row) + reward];
        }

        @Override
        public float duration(int row) {
            return chunk(row)[place(row) + duration];
        }

        @Override
        public boolean goesOn(int row) {
            return row + 1 < size && chunk(row)[place(row) + stops] == 0 && !lastOfEpisode.get(row);
        }
    }

    /**
     * What a value of these transitions can be at most and at least, {@code r / (1 - discount)} (to the least time of a row) of the greatest and the least
     * reward of a single step, or that reward itself where going on makes it less extreme. Where nothing is discounted, it is as of
     * {@value #UNDISCOUNTED_STEPS} steps.
     */
    public Range valueRange(double discount) {
        var least = Math.pow(discount, leastStep);
        var horizon = least < 1 ? 1 / (1 - least) : UNDISCOUNTED_STEPS;
        return new Range(
                Math.min(leastReward, leastReward * horizon), Math.max(greatestReward, greatestReward * horizon));
    }

    /** Two bounds. */
    public record Range(double least, double greatest) {}

    /** Rows are drawn uniformly (or see {@link #mix}); threads may do so at once, each into its own batch. */
    @Override
    public void sample(RandomGenerator random, Batch batch) {
        var rows = batch.size();
        var indices = batch.drawn;
        // First all rows are touched, whose waits for memory overlap; then they are copied from the cache.
        var sum = 0f;
        for (var b = 0; b < rows; b++) {
            var row = draw(random);
            indices[b] = row;
            sum += sealed ? touch(Objects.requireNonNull(mapped), row) : touch(chunk(row), place(row));
        }
        batch.touched = sum;
        for (var b = 0; b < rows; b++) {
            copy(indices[b], batch, b);
        }
    }

    private float touch(float[] rows, int at) {
        var sum = 0f;
        for (var k = at; k < at + stride; k += LINE) {
            sum += rows[k];
        }
        return sum;
    }

    private float touch(MappedRows rows, int row) {
        var segment = rows.segment(row);
        var at = rows.place(row);
        var sum = 0f;
        for (var k = at; k < at + stride; k += LINE) {
            sum += segment.get(k);
        }
        return sum;
    }

    /** Copies a row to place {@code b} of a batch. */
    void copy(int row, Batch batch, int b) {
        if (sealed) {
            copy(Objects.requireNonNull(mapped), row, batch, b);
            return;
        }
        var rows = chunk(row);
        var start = place(row);
        copy(rows, start, batch.observations(), b * d, d);
        copy(rows, start + next, batch.nextObservations(), b * d, d);
        if (continuous) {
            copy(rows, start + d, batch.actions(), b * actionFloats, actionFloats);
        } else {
            batch.actionIndices()[b] = Float.floatToRawIntBits(rows[start + d]);
        }
        batch.rewards()[b] = rows[start + reward];
        batch.stopsBootstrap()[b] = rows[start + stops];
        batch.steps()[b] = rows[start + duration];
        var fields = batch.optional();
        for (var i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            var values = batch.values(field);
            var place = place(field);
            var width = place.width;
            var offset = place.offset;
            if (offset >= 0) {
                System.arraycopy(rows, start + offset, values, b * width, width);
            } else {
                layout.writeUnknown(field, values, b * width);
            }
        }
    }

    private void copy(MappedRows rows, int row, Batch batch, int b) {
        var segment = rows.segment(row);
        var start = rows.place(row);
        segment.get(start, batch.observations(), b * d, d);
        segment.get(start + next, batch.nextObservations(), b * d, d);
        if (continuous) {
            segment.get(start + d, batch.actions(), b * actionFloats, actionFloats);
        } else {
            batch.actionIndices()[b] = Float.floatToRawIntBits(segment.get(start + d));
        }
        batch.rewards()[b] = segment.get(start + reward);
        batch.stopsBootstrap()[b] = segment.get(start + stops);
        batch.steps()[b] = segment.get(start + duration);
        var fields = batch.optional();
        for (var i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            var values = batch.values(field);
            var place = place(field);
            var width = place.width;
            var offset = place.offset;
            if (offset >= 0) {
                segment.get(start + offset, values, b * width, width);
            } else {
                layout.writeUnknown(field, values, b * width);
            }
        }
    }

    private static void copy(float[] source, int from, float[] target, int to, int n) {
        if (n > LINE) {
            System.arraycopy(source, from, target, to, n);
            return;
        }
        for (var j = 0; j < n; j++) {
            target[to + j] = source[from + j];
        }
    }

    private float[] chunk(int row) {
        return mapped == null ? chunks[row >>> CHUNK_BITS] : mapped.window(row >>> CHUNK_BITS);
    }

    private int place(int row) {
        return (row & (CHUNK - 1)) * stride;
    }

    /** What the return of an episode is taken for that was cut, or goes on after the log. */
    public enum CutReturn {
        /** As if its last reward were earned for ever: {@code r / (1 - discount)} after its end. */
        CONTINUED,
        /** What is there, and 0 after its end. */
        KNOWN,
        /** Not known. */
        UNKNOWN;

        private double ahead(double lastReward, double discount) {
            return switch (this) {
                case CONTINUED -> lastReward / (1 - discount);
                case KNOWN -> 0;
                case UNKNOWN -> Double.NaN;
            };
        }
    }

    /** Whether a transition stops the bootstrap. */
    public enum TerminalFlag {
        /** The task ended: no value beyond this row. */
        STOPS_BOOTSTRAP,
        /** The episode goes on, or was only cut: the value of the next observation counts. */
        KEEPS_BOOTSTRAP
    }
}
