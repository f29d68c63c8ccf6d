package io.hindcast.table;

import io.hindcast.score.Rollout;
import java.util.List;
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

    private static float[] array(List<Float> numbers) {
        var array = new float[numbers.size()];
        for (var i = 0; i < array.length; i++) {
            array[i] = numbers.get(i);
        }
        return array;
    }
}
