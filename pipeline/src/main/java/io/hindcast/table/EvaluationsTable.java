package io.hindcast.table;

import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.sort_array;

import io.hindcast.data.Findings;
import io.hindcast.score.Rollout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The table of episodes that trained policies played. */
public final class EvaluationsTable {
    private EvaluationsTable() {}

    /** A frame to publish, of rows made by {@link #row}. */
    public static Dataset<Row> frame(SparkSession spark, List<Row> rows) {
        return spark.createDataFrame(rows, TableName.EVALUATIONS.schema())
                .coalesce(1)
                .sortWithinPartitions("run_id", "step", "episode");
    }

    /**
     * An episode of the policy that {@code run} had after {@code step} updates.
     *
     * @param score its normalised score; null without reference scores
     */
    public static Row row(String run, long step, Rollout.Episode episode, @Nullable Double score) {
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
                episode.path().isEmpty() ? null : array(episode.path()));
    }

    /** The returns of all episodes, sorted, by run and updates. */
    public static Map<String, Map<Long, double[]>> returns(Dataset<Row> evaluations) {
        var returns = new HashMap<String, Map<Long, double[]>>();
        evaluations
                .groupBy("run_id", "step")
                .agg(sort_array(collect_list("episode_return")))
                .collectAsList()
                .forEach(row -> returns.computeIfAbsent(row.getString(0), run -> new HashMap<>())
                        .put(
                                row.getLong(1),
                                row.<Double>getList(2).stream()
                                        .mapToDouble(Double::doubleValue)
                                        .toArray()));
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
