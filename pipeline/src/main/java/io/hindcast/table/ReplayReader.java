package io.hindcast.table;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 */
public record ReplayReader(List<String> transitions, List<String> subsets, String subset, int rows)
        implements Serializable {

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
        var spaces = buffer.spaces();
        var before = buffer.size();
        try {
            var episodes = episodes(configuration);
            var last = "";
            for (var file : transitions) {
                last = append(configuration, file, spaces, episodes, truncation, buffer, last);
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

    /**
     * A column of doubles that few runs need, of the same rows and in their order.
     *
     * @return {@code [rows]}
     * @throws IllegalStateException if a row has none
     */
    public double[] column(String name, Configuration configuration) {
        return column(name, configuration, null);
    }

    /**
     * The time until the next observation, of the same rows and in their order; 1 where it is absent and the bootstrap stops, so that
     * nothing is discounted by it.
     *
     * @param truncation what a truncated row means to the learner
     * @return {@code [rows]}
     * @throws IllegalStateException if a row has none whose bootstrap goes on
     */
    public double[] durations(Configuration configuration, TerminalFlag truncation) {
        return column("time_delta", configuration, truncation);
    }

    private double[] column(String name, Configuration configuration, @Nullable TerminalFlag truncation) {
        var names = new ArrayList<>(List.of("episode_id", "step", name));
        if (truncation != null) {
            names.addAll(List.of("terminated", "truncated"));
        }
        try {
            var episodes = episodes(configuration);
            var values = new double[rows];
            var n = 0;
            for (var file : transitions) {
                try (var part = new PartReader(configuration, file, names)) {
                    var ids = part.column("episode_id").texts();
                    var steps = part.column("step").longs();
                    var column = part.column(name);
                    while (part.next()) {
                        var stops = truncation == null ? null : stops(part, truncation);
                        for (var row = 0; row < part.rows(); row++) {
                            if (steps[row] >= length(episodes, Objects.requireNonNull(ids[row]))) {
                                continue;
                            }
                            if (column.isAbsent(row) && stops != null && stops[row]) {
                                values[n++] = 1;
                                continue;
                            }
                            if (column.isAbsent(row)) {
                                throw new IllegalStateException(
                                        "Cannot train: a transition of subset " + subset + " has no " + name);
                            }
                            values[n++] = column.doubles()[row];
                        }
                    }
                }
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + name + " of subset " + subset, e);
        }
    }

    /** How many transitions of an episode are read, from its first. */
    private long length(Map<String, Long> episodes, String episode) {
        return subsets.isEmpty() ? Long.MAX_VALUE : episodes.getOrDefault(episode, 0L);
    }

    private Map<String, Long> episodes(Configuration conf) throws IOException {
        var episodes = new HashMap<String, Long>();
        for (var file : subsets) {
            try (var part = new PartReader(conf, file, List.of("subset", "episode_id", "length"))) {
                var names = part.column("subset").texts();
                var ids = part.column("episode_id").texts();
                var lengths = part.column("length").longs();
                while (part.next()) {
                    for (var row = 0; row < part.rows(); row++) {
                        if (subset.equals(names[row])) {
                            episodes.put(Objects.requireNonNull(ids[row]), lengths[row]);
                        }
                    }
                }
            }
        }
        return episodes;
    }

    /** Appends the rows of a file; {@code last} is the episode that the rows before belong to, returned is the new one. */
    private String append(
            Configuration conf,
            String file,
            Spaces spaces,
            Map<String, Long> episodes,
            TerminalFlag truncation,
            ReplayBuffer buffer,
            String last)
            throws IOException {
        var current = last;
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        var action = continuous ? "action" : "action_index";
        var whole = subsets.isEmpty();
        var names = new ArrayList<>(
                List.of("episode_id", "observation", action, "reward", "next_observation", "terminated", "truncated"));
        if (!whole) {
            names.add("step");
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
                var columns = new ReplayBuffer.Columns(
                        part.column("observation").floats(),
                        part.column(action).floats(),
                        part.column(action).integers(),
                        part.column("reward").doubles(),
                        part.column("next_observation").floats(),
                        stops(part, truncation));
                var ids = part.column("episode_id").texts();
                var steps = whole ? new long[0] : part.column("step").longs();
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
                    if (episode.equals(current)
                            && left >= 0
                            && left < end - row
                            && truncation == TerminalFlag.STOPS_BOOTSTRAP) {
                        buffer.stopBootstrap();
                    }
                    row = end;
                }
            }
        }
        return current;
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
