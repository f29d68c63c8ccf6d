package io.hindcast.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.udf;

import io.hindcast.data.TopPercent;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;

/** The table of the episodes that subsets select. */
public final class SubsetsTable {
    private SubsetsTable() {}

    /**
     * The best episodes of each group by return, ties by episode id.
     *
     * @param subset the subset's name
     * @param percent how much of each group, in (0, 100]
     * @param within what makes a group; a literal for a single one
     * @param group what the column {@code group} says
     */
    public static Dataset<Row> select(
            Dataset<Row> episodes, String subset, double percent, Column within, Column group) {
        var rank = Window.partitionBy(within).orderBy(col("episode_return").desc(), col("episode_id"));
        var kept = udf((UDF1<Long, Long>) size -> TopPercent.kept(size, percent), DataTypes.LongType);
        return episodes.withColumn("rank", row_number().over(rank).minus(1))
                .withColumn("size", count(lit(1)).over(Window.partitionBy(within)))
                .where(col("rank").lt(kept.apply(col("size"))))
                .select(
                        lit(subset).as("subset"),
                        col("rank"),
                        col("episode_id"),
                        col("episode_return"),
                        col("length"),
                        group.cast(DataTypes.StringType).as("group"));
    }
}
