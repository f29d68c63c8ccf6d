package io.hindcast.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;

import io.hindcast.data.EpisodeShare;
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
     * @param returns what they are ranked by
     * @param percent how much of each group, in (0, 100]
     * @param within what makes a group; a literal for a single one
     */
    public static Dataset<Row> best(Dataset<Row> episodes, Column returns, double percent, Column within) {
        var group = Window.partitionBy(within);
        var kept = udf((UDF1<Long, Long>) size -> TopPercent.kept(size, percent), DataTypes.LongType);
        return episodes.withColumn("rank", row_number().over(group.orderBy(returns.desc(), col("episode_id"))))
                .withColumn("size", count(lit(1)).over(group))
                .where(col("rank").leq(kept.apply(col("size"))))
                .drop("rank", "size");
    }

    /**
     * The episodes that hold the first transitions, in the order of their ids, shorter ids first: so is the order of those that
     * end in a number that counts them, however far it counts.
     *
     * @param count how many transitions
     * @return with a column {@code left}: how many of each episode's transitions are among them
     */
    public static Dataset<Row> first(Dataset<Row> episodes, long count) {
        var upToHere = Window.orderBy(length(col("episode_id")), col("episode_id"))
                .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
        return episodes.withColumn("before", sum("length").over(upToHere).minus(col("length")))
                .where(col("before").lt(count))
                .withColumn("left", least(col("length"), lit(count).minus(col("before"))))
                .drop("before");
    }

    /** {@link EpisodeShare} of the episodes, as a column. */
    public static Column share(String purpose, long seed) {
        return udf((UDF1<String, Double>) id -> EpisodeShare.of(purpose, seed, id), DataTypes.DoubleType)
                .apply(col("episode_id"));
    }

    /**
     * A frame to publish, for one subset.
     *
     * @param episodes those it selects
     * @param returns what they are ranked by
     * @param within what makes a group; a literal for a single one
     * @param group what the column {@code group} says
     */
    public static Dataset<Row> frame(
            Dataset<Row> episodes, String subset, Column returns, Column within, Column group) {
        var rank = Window.partitionBy(within).orderBy(returns.desc(), col("episode_id"));
        return episodes.select(
                lit(subset).as("subset"),
                row_number().over(rank).minus(1).as("rank"),
                col("episode_id"),
                col("episode_return"),
                col("length"),
                group.cast(DataTypes.StringType).as("group"));
    }
}
