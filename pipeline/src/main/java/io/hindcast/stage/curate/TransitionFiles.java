package io.hindcast.stage.curate;

import io.hindcast.stage.FanOut;
import io.hindcast.stage.StageContext;
import io.hindcast.table.KeptTransitions;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The transitions of a dataset, read by one task a file: by threads of this process where the master is local.
 *
 * @param warehouse where they are
 */
record TransitionFiles(StageContext context, Warehouse warehouse, TableVersion version) {
    private static final String WHAT = "[curate] files";

    /** What is found in a file. */
    @FunctionalInterface
    interface Reading<R> extends Serializable {
        R of(KeptTransitions kept, Configuration hadoop, String file);
    }

    /**
     * What is found in each file, in their order, however many tasks there were.
     *
     * @param episodes as {@link KeptTransitions} has them
     */
    <R> List<R> read(Map<String, Long> episodes, Reading<R> reading) {
        var files = warehouse.files(version);
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
        var kept = new KeptTransitions(Map.copyOf(episodes));
        if (context.engine().isLocal()) {
            return FanOut.read(context, WHAT, files, file -> reading.of(kept, hadoop.value(), file));
        }
        // With the task, every one would have a copy of its own.
        var sent = JavaSparkContext.fromSparkContext(context.spark().sparkContext())
                .broadcast(kept);
        try {
            return FanOut.run(context, WHAT, files, file -> reading.of(sent.value(), hadoop.value(), file));
        } finally {
            sent.destroy();
        }
    }
}
