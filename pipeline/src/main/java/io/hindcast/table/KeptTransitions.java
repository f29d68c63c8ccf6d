package io.hindcast.table;

import io.hindcast.data.Moments;
import io.hindcast.table.parquet.PartColumn;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;

/**
 * Reads a column of those transitions of a file that a subset keeps, without Spark, so that a task can do it by itself. For several
 * threads.
 *
 * @param episodes how many transitions of each episode are kept, from its first; empty: all of all
 */
public record KeptTransitions(Map<String, Long> episodes) implements Serializable {
    /** Moments of every entry of the observations; empty if there are none. */
    public List<Moments> observations(Configuration hadoop, String file) {
        var blocks = new ArrayList<List<Moments>>();
        forEach(
                hadoop,
                file,
                "observation",
                (column, rows, n) -> blocks.add(ObservationMoments.block(column, rows, n)));
        // A list that Java serialises, whatever it holds.
        return new ArrayList<>(blocks.stream().reduce(List.of(), ObservationMoments::merge));
    }

    /** How many have no value in a column. */
    public long absent(Configuration hadoop, String file, String name) {
        var absent = new long[1];
        forEach(hadoop, file, name, (column, rows, n) -> {
            for (var i = 0; i < n; i++) {
                absent[0] += column.isAbsent(rows[i]) ? 1 : 0;
            }
        });
        return absent[0];
    }

    /** The rewards, in the order of the file, in which those of an episode stand in the order of its steps. */
    public List<Double> rewards(Configuration hadoop, String file) {
        var rewards = new ArrayList<Double>();
        forEach(hadoop, file, "reward", (column, rows, n) -> {
            for (var i = 0; i < n; i++) {
                rewards.add(column.doubles()[rows[i]]);
            }
        });
        return rewards;
    }

    /** What is done with some values of a column. */
    private interface Use {
        /** @param rows the first {@code n} are where the values are */
        void of(PartColumn column, int[] rows, int n);
    }

    private void forEach(Configuration hadoop, String file, String name, Use use) {
        try (var part = new PartReader(hadoop, file, List.of("episode_id", "step", name))) {
            var ids = part.column("episode_id").texts();
            var steps = part.column("step").longs();
            var rows = new int[PartColumn.CAPACITY];
            while (part.next()) {
                var n = 0;
                for (var row = 0; row < part.rows(); row++) {
                    if (episodes.isEmpty()
                            || steps[row] < episodes.getOrDefault(Objects.requireNonNull(ids[row]), 0L)) {
                        rows[n++] = row;
                    }
                }
                if (n > 0) {
                    use.of(part.column(name), rows, n);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
