package io.hindcast.table;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Fold;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.table.parquet.PartColumn;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Reads a subset of published transitions into memory, column by column and without Spark, so that every training task can do
 * it by itself. Page checksums are verified. Rows come in the order of the files, which the table keeps by episode and step.
 *
 * @param transitions the Parquet files of a version of {@code transitions}, in order
 * @param subsets the Parquet files of a version of {@code subsets}; none: every transition
 * @param subset which subset
 * @param rows how many transitions it has
 * @param logged which optional fields of a row the files hold values of, of those that may be absent
 * @param without a fold whose episodes are passed over; null: none is
 */
public record ReplayReader(
        List<String> transitions,
        List<String> subsets,
        String subset,
        int rows,
        Set<Field> logged,
        @Nullable Fold without)
        implements Serializable {
    /** What a row's time is. */
    public enum Durations {
        /** One step. */
        STEPS,
        /** The logged time until the next observation; 1 where it is absent and the bootstrap stops: it discounts nothing. */
        LOGGED
    }

    private static final String MASK = "action_mask";
    private static final String LOG_PROB = "behaviour_log_prob";
    private static final String TIME = "time_delta";

    /** Of all episodes of the subset. */
    public ReplayReader(List<String> transitions, List<String> subsets, String subset, int rows, Set<Field> logged) {
        this(transitions, subsets, subset, rows, logged, null);
    }

    /** Of files that hold no optional fields. */
    public ReplayReader(List<String> transitions, List<String> subsets, String subset, int rows) {
        this(transitions, subsets, subset, rows, Set.of());
    }

    /**
     * Reads them.
     *
     * @param truncation what a truncated row means to the learner
     * @throws IllegalStateException if the files hold more or fewer transitions of the subset than {@link #rows}
     */
    public ReplayBuffer read(Configuration configuration, Spaces spaces, TerminalFlag truncation) {
        var buffer = new ReplayBuffer(spaces, rows);
        readInto(buffer, configuration, truncation);
        return buffer;
    }

    /** As {@link #read}, behind what the buffer holds already. */
    public void readInto(ReplayBuffer buffer, Configuration configuration, TerminalFlag truncation) {
        readInto(buffer, configuration, truncation, Durations.STEPS);
    }

    /**
     * The same; the optional fields that the buffer's rows have are read too.
     *
     * @throws IllegalStateException if a row lacks one of them that it cannot do without, or a time
     */
    public void readInto(
            ReplayBuffer buffer, Configuration configuration, TerminalFlag truncation, Durations durations) {
        var before = buffer.size();
        try {
            var episodes = SubsetEpisodes.of(configuration, subsets, subset);
            var last = "";
            for (var file : transitions) {
                last = append(configuration, file, episodes, truncation, durations, buffer, last);
            }
            buffer.endEpisode();
            if (buffer.size() - before != rows) {
                throw new IllegalStateException("Cannot train on subset " + subset + ": it has " + rows
                        + " transitions, the files hold " + (buffer.size() - before));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read transitions of subset " + subset, e);
        }
    }

    /** How many transitions of an episode are read, from its first. */
    private long length(SubsetEpisodes episodes, String episode) {
        if (without != null && without.holds(episode)) {
            return 0;
        }
        return subsets.isEmpty() ? Long.MAX_VALUE : episodes.length(episode);
    }

    /** Appends the rows of a file; {@code last} is the episode that the rows before belong to, returned is the new one. */
    private String append(
            Configuration conf,
            String file,
            SubsetEpisodes episodes,
            TerminalFlag truncation,
            Durations durations,
            ReplayBuffer buffer,
            String last)
            throws IOException {
        var current = last;
        var layout = buffer.layout();
        var spaces = layout.spaces();
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        var action = continuous ? "action" : "action_index";
        var whole = subsets.isEmpty() && without == null;
        var names = new ArrayList<>(
                List.of("episode_id", "observation", action, "reward", "next_observation", "terminated", "truncated"));
        if (!whole) {
            names.add("step");
        }
        var hasMasks = layout.has(Field.ACTION_MASK) && logged.contains(Field.ACTION_MASK);
        if (hasMasks) {
            names.add(MASK);
        }
        if (layout.has(Field.BEHAVIOUR_LOG_PROB)) {
            names.add(LOG_PROB);
        }
        if (durations == Durations.LOGGED) {
            names.add(TIME);
        }
        try (var part = new PartReader(conf, file, names)) {
            while (part.next()) {
                requireVectors(part.column("observation"), spaces.observationSize());
                requireVectors(part.column("next_observation"), spaces.observationSize());
                if (continuous) {
                    requireVectors(part.column(action), spaces.actions().size());
                } else if (part.column(action).absentRows() > 0) {
                    throw absent(action);
                }
                var ids = part.column("episode_id").texts();
                var steps = whole ? new long[0] : part.column("step").longs();
                var wanted = new Wanted(
                        part.rows(), row -> whole || steps[row] < length(episodes, Objects.requireNonNull(ids[row])));
                var stops = stops(part, truncation);
                var optional = new EnumMap<Field, float[]>(Field.class);
                if (hasMasks) {
                    optional.put(Field.ACTION_MASK, masks(part, layout));
                }
                if (layout.has(Field.BEHAVIOUR_LOG_PROB)) {
                    optional.put(Field.BEHAVIOUR_LOG_PROB, logProbs(part, wanted));
                }
                var columns = new ReplayBuffer.Columns(
                        part.column("observation").floats(),
                        part.column(action).floats(),
                        part.column(action).integers(),
                        part.column("reward").doubles(),
                        part.column("next_observation").floats(),
                        stops,
                        durations == Durations.LOGGED ? times(part, wanted, stops) : new double[0],
                        optional);
                var row = 0;
                while (row < part.rows()) {
                    var episode = Objects.requireNonNull(ids[row]);
                    var end = row + 1;
                    while (end < part.rows() && episode.equals(ids[end])) {
                        end++;
                    }
                    var left = whole ? Long.MAX_VALUE : length(episodes, episode) - steps[row];
                    if (left > 0) {
                        if (!episode.equals(current)) {
                            buffer.endEpisode();
                            current = episode;
                        }
                        buffer.append(columns, row, row + (int) Math.min(end - row, left));
                    }
                    // The rest is cut off, which truncates what was appended last.
                    if (episode.equals(current) && left >= 0 && left < end - row) {
                        buffer.goOnWith(columns, row + (int) left);
                        if (truncation == TerminalFlag.STOPS_BOOTSTRAP) {
                            buffer.stopBootstrap();
                        }
                    }
                    row = end;
                }
            }
        }
        return current;
    }

    /** Which of some rows are of the subset. */
    private record Wanted(int rows, IntPredicate isIn) {}

    private static float[] masks(PartReader part, RowLayout layout) {
        var column = part.column(MASK);
        var count = layout.spaces().actions().size();
        var width = layout.width(Field.ACTION_MASK);
        var masks = new float[part.rows() * width];
        for (var row = 0; row < part.rows(); row++) {
            if (column.isAbsent(row)) {
                layout.writeUnknown(Field.ACTION_MASK, masks, row * width);
                continue;
            }
            if (column.end(row) - column.start(row) != count) {
                throw new IllegalStateException(
                        "Cannot train: column " + MASK + " has a row whose length is not " + count);
            }
            layout.writeMask(column.flags(), column.start(row), masks, row * width);
        }
        return masks;
    }

    private float[] logProbs(PartReader part, Wanted wanted) {
        var column = part.column(LOG_PROB);
        var logs = new float[3 * part.rows()];
        for (var row = 0; row < part.rows(); row++) {
            if (wanted.isIn.test(row)) {
                RowLayout.writeDouble(present(column, row), logs, 3 * row);
            }
        }
        return logs;
    }

    private double[] times(PartReader part, Wanted wanted, boolean[] stops) {
        var column = part.column(TIME);
        var times = new double[part.rows()];
        for (var row = 0; row < part.rows(); row++) {
            if (wanted.isIn.test(row)) {
                times[row] = column.isAbsent(row) && stops[row] ? 1 : present(column, row);
            }
        }
        return times;
    }

    private double present(PartColumn column, int row) {
        if (column.isAbsent(row)) {
            throw new IllegalStateException(
                    "Cannot train: a transition of subset " + subset + " has no " + column.name());
        }
        return column.doubles()[row];
    }

    private static boolean[] stops(PartReader part, TerminalFlag truncation) {
        var stops = part.column("terminated").flags();
        if (truncation == TerminalFlag.STOPS_BOOTSTRAP) {
            var truncated = part.column("truncated").flags();
            for (var row = 0; row < part.rows(); row++) {
                stops[row] |= truncated[row];
            }
        }
        return stops;
    }

    private static void requireVectors(PartColumn column, int length) {
        if (column.absentRows() > 0) {
            throw absent(column.name());
        }
        for (var row = 0; column.width() != length && row < column.rows(); row++) {
            if (column.end(row) - column.start(row) != length) {
                throw new IllegalStateException(
                        "Cannot train: column " + column.name() + " has a row whose length is not " + length);
            }
        }
    }

    private static IllegalStateException absent(String name) {
        return new IllegalStateException("Cannot train: column " + name + " has an absent value");
    }
}
