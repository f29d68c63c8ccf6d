package io.hindcast.table;

import io.hindcast.data.Findings;
import io.hindcast.score.Rollout;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/** The table of episodes that trained policies played. */
public final class EvaluationsTable {
    private EvaluationsTable() {}

    /** Rows to publish, of those made by {@link #row}. */
    public static List<@Nullable Object[]> rows(List<Row> rows) {
        return rows.stream()
                .sorted(Comparator.<Row, String>comparing(row -> row.getString(0))
                        .thenComparing(row -> row.getLong(1))
                        .thenComparing(row -> row.getInt(2)))
                .map(EvaluationsTable::values)
                .toList();
    }

    private static @Nullable Object[] values(Row row) {
        var values = new @Nullable Object[row.size()];
        for (var c = 0; c < values.length; c++) {
            values[c] = row.get(c);
        }
        return values;
    }

    /**
     * An episode of the policy that {@code run} had after {@code step} updates.
     *
     * @param state the SHA-256 of that checkpoint's state
     * @param score its normalised score; null without reference scores
     */
    public static Row row(String run, long step, String state, Rollout.Episode episode, @Nullable Double score) {
        return RowFactory.create(
                run,
                step,
                episode.number(),
                episode.episodeReturn(),
                episode.length(),
                episode.terminated(),
                episode.truncated(),
                episode.success(),
                score,
                episode.path().isEmpty() ? null : array(episode.path()),
                state);
    }

    /** The returns of all episodes, sorted, by run and updates. */
    public static Map<String, Map<Long, double[]>> returns(Warehouse warehouse, TableVersion evaluations) {
        var played = new HashMap<String, Map<Long, DoubleStream.Builder>>();
        TableRows.forEach(
                warehouse,
                evaluations,
                List.of("run_id", "step", "episode_return"),
                row -> played.computeIfAbsent(row.getString(0), run -> new HashMap<>())
                        .computeIfAbsent(row.getLong(1), step -> DoubleStream.builder())
                        .add(row.getDouble(2)));
        var returns = new HashMap<String, Map<Long, double[]>>();
        played.forEach((run, steps) -> {
            var sorted = new HashMap<Long, double[]>();
            steps.forEach((step, all) -> sorted.put(step, all.build().sorted().toArray()));
            returns.put(run, sorted);
        });
        return returns;
    }

    /** Why episodes of that policy are missing, in a sentence of the manifest, where {@link #fault} finds it. */
    public static String note(String run, long step, String problem) {
        return beginning(run, step) + problem;
    }

    /** Why episodes of that policy are missing, where the environment was the reason. */
    public static Optional<String> fault(TableVersion evaluations, String run, long step) {
        var findings = Objects.requireNonNullElse(evaluations.manifest().findings(), Findings.NONE);
        var beginning = beginning(run, step);
        return findings.notes().stream()
                .filter(note -> note.startsWith(beginning))
                .map(note -> note.substring(beginning.length()))
                .findFirst();
    }

    private static String beginning(String run, long step) {
        return "of run " + run + " after " + step + " updates, ";
    }

    private static float[] array(List<Float> numbers) {
        var array = new float[numbers.size()];
        for (var i = 0; i < array.length; i++) {
            array[i] = numbers.get(i);
        }
        return array;
    }
}
