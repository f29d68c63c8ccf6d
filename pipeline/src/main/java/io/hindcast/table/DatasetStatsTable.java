package io.hindcast.table;

import io.hindcast.data.DatasetStats;
import io.hindcast.data.Scorecard;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** The table of dataset statistics, and that of the state they come from. */
public final class DatasetStatsTable {
    private static final double[] QUANTILES = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

    private DatasetStatsTable() {}

    /** One row a quantity and dimension that has values. */
    public static Dataset<Row> of(SparkSession spark, Scorecard scorecard) {
        var rows = new ArrayList<Row>();
        var sameAs = scorecard.sameAs();
        for (var described : scorecard.stats().described()) {
            var distribution = described.distribution();
            var quantiles = distribution.quantiles(QUANTILES);
            var drift = scorecard.drift();
            rows.add(RowFactory.create(
                    described.name(),
                    described.dimension(),
                    distribution.count(),
                    distribution.mean(),
                    distribution.standardDeviation(),
                    distribution.min(),
                    quantiles[0],
                    quantiles[1],
                    quantiles[2],
                    quantiles[3],
                    quantiles[4],
                    quantiles[5],
                    quantiles[6],
                    distribution.max(),
                    sameAs.get(described.name() + " " + described.dimension()),
                    drift == null ? null : drift.psi(described.name(), described.dimension())));
        }
        return spark.createDataFrame(rows, TableName.DATASET_STATS.schema()).coalesce(1);
    }

    /** The one row of the state. */
    public static Dataset<Row> state(SparkSession spark, DatasetStats stats) {
        return spark.createDataFrame(
                        List.of(RowFactory.create((Object) stats.bytes())), TableName.DATASET_STATE.schema())
                .coalesce(1);
    }

    /** The state that a version of {@code dataset_state} holds. */
    public static DatasetStats state(Warehouse warehouse, TableVersion version) {
        return DatasetStats.of((byte[]) warehouse.read(version).first().get(0));
    }
}
