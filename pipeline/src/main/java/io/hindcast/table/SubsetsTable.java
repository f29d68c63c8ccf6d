package io.hindcast.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.dense_rank;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;

import io.hindcast.data.EpisodeShare;
import io.hindcast.data.TopPercent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** The table of the episodes that subsets select. */
public final class SubsetsTable {
    private SubsetsTable() {}

    /** How many transitions each subset of a version has. */
    public static Map<String, Long> transitions(Warehouse warehouse, TableVersion version) {
        var transitions = new TreeMap<String, Long>();
        TableRows.forEach(
                warehouse,
                version,
                List.of("subset", "length"),
                row -> transitions.merge(row.getString(0), row.getLong(1), Long::sum));
        return transitions;
    }

    /** The logged trajectory of an episode, as a column: what is chosen as a whole. */
    public static Column trajectory() {
        return coalesce(col("trajectory"), col("episode_id"));
    }

    /** The sum of a column over all parts of an episode's trajectory, added in their order, so that it is always the same. */
    public static Column sumOverTrajectory(Column value) {
        return sum(value).over(wholeTrajectory());
    }

    /** The value of a column in the first part of an episode's trajectory. */
    public static Column ofFirstPart(Column value) {
        return functions.first(value).over(wholeTrajectory());
    }

    /** Whether an episode is the first part of its trajectory that is there. */
    public static Column isFirstPart() {
        return row_number().over(parts()).equalTo(1);
    }

    private static WindowSpec parts() {
        return Window.partitionBy(trajectory()).orderBy(length(col("episode_id")), col("episode_id"));
    }

    private static WindowSpec wholeTrajectory() {
        return parts().rowsBetween(Window.unboundedPreceding(), Window.unboundedFollowing());
    }

    /**
     * The episodes of the best trajectories of each group by return, ties by trajectory id.
     *
     * @param returns what they are ranked by, the same of all parts of a trajectory
     * @param percent how many trajectories of each group, in (0, 100]
     * @param within what makes a group, the same of all parts; a literal for a single one
     */
    public static Dataset<Row> best(Dataset<Row> episodes, Column returns, double percent, Column within) {
        var group = Window.partitionBy("ranked_within");
        var best = group.orderBy(col("ranked_by").desc(), col("unit"));
        var kept = udf((UDF1<Long, Long>) size -> TopPercent.kept(size, percent), DataTypes.LongType);
        return episodes.withColumn("unit", trajectory())
                .withColumn("ranked_by", returns)
                .withColumn("ranked_within", within)
                .withColumn("rank", dense_rank().over(best))
                .withColumn("size", max("rank").over(group).cast(DataTypes.LongType))
                .where(col("rank").leq(kept.apply(col("size"))))
                .drop("unit", "ranked_by", "ranked_within", "rank", "size");
    }

    /**
     * The episodes that hold the first transitions, in the order of their trajectories' ids and then of their own, shorter ids
     * first: so is the order of those that end in a number that counts them, however far it counts.
     *
     * @param count how many transitions
     * @return with a column {@code left}: how many of each episode's transitions are among them
     */
    public static Dataset<Row> first(Dataset<Row> episodes, long count) {
        var upToHere = Window.orderBy(length(trajectory()), trajectory(), length(col("episode_id")), col("episode_id"))
                .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
        return episodes.withColumn("before", sum("length").over(upToHere).minus(col("length")))
                .where(col("before").lt(count))
                .withColumn("left", least(col("length"), lit(count).minus(col("before"))))
                .drop("before");
    }

    /** {@link EpisodeShare} of the episodes' trajectories, as a column: parts of one are never divided. */
    public static Column share(String purpose, long seed) {
        return udf((UDF1<String, Double>) id -> EpisodeShare.of(purpose, seed, id), DataTypes.DoubleType)
                .apply(trajectory());
    }

    /**
     * A frame to publish, for one subset.
     *
     * @param episodes those it selects
     * @param returns what they are ranked by, the same of all parts of a trajectory
     * @param within what makes a group; a literal for a single one
     * @param group what the column {@code group} says
     */
    public static Dataset<Row> frame(
            Dataset<Row> episodes, String subset, Column returns, Column within, Column group) {
        var rank = Window.partitionBy(within)
                .orderBy(col("ranked_by").desc(), trajectory(), length(col("episode_id")), col("episode_id"));
        return episodes.withColumn("ranked_by", returns)
                .select(
                        lit(subset).as("subset"),
                        row_number().over(rank).minus(1).as("rank"),
                        col("episode_id"),
                        col("episode_return"),
                        col("length"),
                        group.cast(DataTypes.StringType).as("group"));
    }
}
