package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stats.DatasetStats;
import io.hindcast.table.parquet.PartColumn;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Describes the transitions of some files of a version without Spark, so that a task can do it by itself.
 *
 * @param files Parquet files of {@code transitions}; no episode lies in two
 * @param rewards whether theirs are described
 */
public record StatsReader(List<String> files, Rewards rewards) implements Serializable {
    /** What the rewards of a dataset are. */
    public enum Rewards {
        LOGGED,
        /** None were logged, and the 0 in every row means nothing. */
        NONE
    }

    private static final List<String> COLUMNS = List.of(
            "episode_id",
            "step",
            "observation",
            "action",
            "action_index",
            "reward",
            "next_observation",
            "terminated",
            "truncated",
            "behaviour_log_prob",
            "time_delta",
            "source_file",
            "source_row");

    /**
     * The state of their transitions.
     *
     * @param trajectories the logged trajectories of those episodes that are later parts of one, by episode
     */
    public DatasetStats read(Configuration hadoop, DatasetStats.Rules rules, Map<String, String> trajectories) {
        var stats = new DatasetStats(rules);
        for (var file : files) {
            try (var part = new PartReader(hadoop, file, COLUMNS)) {
                var columns = part.columns();
                while (part.next()) {
                    for (var row = 0; row < part.rows(); row++) {
                        var transition = transition(columns, row);
                        var id = transition.episodeId();
                        stats.add(transition, trajectories.isEmpty() ? id : trajectories.getOrDefault(id, id));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        return stats;
    }

    /** Those fields of a transition that are described. */
    private Transition transition(List<PartColumn> columns, int row) {
        var action = columns.get(3);
        return new Transition(
                text(columns.get(0), row),
                columns.get(1).longs()[row],
                floats(columns.get(2), row),
                action.isAbsent(row)
                        ? new Action.Index(columns.get(4).integers()[row])
                        : new Action.Vector(floats(action, row)),
                rewards == Rewards.LOGGED ? columns.get(5).doubles()[row] : Double.NaN,
                floats(columns.get(6), row),
                columns.get(7).flags()[row],
                columns.get(8).flags()[row],
                number(columns.get(9), row),
                null,
                number(columns.get(10), row),
                null,
                text(columns.get(11), row),
                columns.get(12).longs()[row]);
    }

    private static String text(PartColumn column, int row) {
        return Objects.requireNonNull(column.texts()[row]);
    }

    private static @Nullable Double number(PartColumn column, int row) {
        return column.isAbsent(row) ? null : Double.valueOf(column.doubles()[row]);
    }

    private static float[] floats(PartColumn column, int row) {
        return Arrays.copyOfRange(column.floats(), column.start(row), column.end(row));
    }
}
