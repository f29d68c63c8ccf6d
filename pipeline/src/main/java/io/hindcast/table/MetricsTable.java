package io.hindcast.table;

import io.hindcast.run.TrainingLoop;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** The table of what runs logged. */
public final class MetricsTable {
    private MetricsTable() {}

    /** A frame to publish. */
    public static Dataset<Row> frame(SparkSession spark, List<TrainingLoop.Result> results) {
        var rows = results.stream()
                .flatMap(result -> {
                    var id = result.spec().id();
                    return result.metrics().stream()
                            .map(metric -> RowFactory.create(id, metric.step(), metric.name(), metric.value()));
                })
                .toList();
        return spark.createDataFrame(rows, TableName.METRICS.schema())
                .coalesce(1)
                .sortWithinPartitions("run_id", "step", "name");
    }
}
