package io.hindcast.table;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindcast.config.Settings;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.RunSpec.WarmStart;
import io.hindcast.run.TrainingLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** The table of trained runs. */
public final class RunsTable {
    private static final String CHECKPOINTS = "checkpoints";

    private RunsTable() {}

    /** The checkpoints under an output directory. */
    public static CheckpointStore checkpoints(String root, Configuration hadoop) {
        return new CheckpointStore(root + "/" + CHECKPOINTS, hadoop);
    }

    /**
     * A frame to publish.
     *
     * @param sizes transitions by subset
     * @param store where the runs left their checkpoints
     */
    public static Dataset<Row> frame(
            SparkSession spark, List<TrainingLoop.Result> results, Map<String, Long> sizes, CheckpointStore store) {
        var rows = results.stream().map(result -> row(result, sizes, store)).toList();
        return spark.createDataFrame(rows, TableName.RUNS.schema()).coalesce(1).sortWithinPartitions("name", "seed");
    }

    /** A line for every run that did not finish. */
    public static List<String> problems(Dataset<Row> runs) {
        return runs.where(col("outcome").notEqual("finished")).orderBy("name", "seed").collectAsList().stream()
                .map(row -> "run " + row.<String>getAs("name") + ", seed " + row.<Long>getAs("seed") + ", "
                        + row.<String>getAs("outcome") + ": " + row.<String>getAs("reason"))
                .toList();
    }

    /** Whether a run ended for a reason that is not the learner's, so that trying again makes sense. */
    public static boolean anyFailed(Dataset<Row> runs) {
        return !runs.where(col("outcome").isin("failed", "stopped")).isEmpty();
    }

    /**
     * The last checkpoints of the runs that finished.
     *
     * @param key what stands for a run's name and seed
     */
    public static Map<String, WarmStart> finalCheckpoints(Dataset<Row> runs, BiFunction<String, Long, String> key) {
        var checkpoints = new HashMap<String, WarmStart>();
        for (var row : runs.where(col("outcome").equalTo("finished")).collectAsList()) {
            checkpoints.put(
                    key.apply(row.getAs("name"), row.<Long>getAs("seed")),
                    new WarmStart(
                            row.getAs("run_id"), row.<Long>getAs("updates"), row.getAs("checkpoint_fingerprint")));
        }
        return checkpoints;
    }

    private static Row row(TrainingLoop.Result result, Map<String, Long> sizes, CheckpointStore store) {
        var spec = result.spec();
        var id = spec.id();
        var steps = store.steps(id);
        var last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
        return RowFactory.create(
                id,
                spec.name(),
                spec.subset(),
                spec.learner(),
                json(Settings.differences((Record) spec.config())),
                json(spec.settings()),
                spec.seed(),
                result.outcome().word(),
                result.outcome().reason(),
                result.updates(),
                result.seconds(),
                result.seconds() == 0 ? 0.0 : result.updates() / result.seconds(),
                sizes.get(spec.subset()),
                last == null ? null : CHECKPOINTS + "/" + CheckpointStore.location(id, last),
                last == null ? null : store.fingerprint(id, last),
                spec.subsetFingerprint());
    }

    private static String json(Map<String, Object> settings) {
        try {
            return Json.MAPPER.writeValueAsString(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
