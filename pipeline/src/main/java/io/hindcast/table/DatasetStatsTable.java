package io.hindcast.table;

import io.hindcast.data.DatasetStats;
import java.util.ArrayList;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** The table of dataset statistics. */
public final class DatasetStatsTable {
    private DatasetStatsTable() {}

    /** One row a quantity and dimension that has values. */
    public static Dataset<Row> of(SparkSession spark, DatasetStats stats) {
        var rows = new ArrayList<Row>();
        stats.moments().forEach((name, dimensions) -> {
            for (var i = 0; i < dimensions.size(); i++) {
                var moments = dimensions.get(i);
                rows.add(RowFactory.create(
                        name,
                        i,
                        moments.count(),
                        moments.mean(),
                        moments.standardDeviation(),
                        moments.min(),
                        moments.max()));
            }
        });
        return spark.createDataFrame(rows, TableName.DATASET_STATS.schema()).coalesce(1);
    }
}
