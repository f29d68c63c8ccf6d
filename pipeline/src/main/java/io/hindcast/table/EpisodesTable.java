package io.hindcast.table;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The table of episodes, summed up from their transitions. */
public final class EpisodesTable {
    private EpisodesTable() {}

    /**
     * The published summary of {@code transitions}; published now if it was not.
     *
     * @throws io.hindcast.config.UserException if episodes of other transitions are published
     */
    public static TableVersion publish(Warehouse warehouse, String job, TableVersion transitions) {
        var request = new Request(job, Map.of(), List.of(transitions), List.of());
        return warehouse
                .published(TableName.EPISODES, request)
                .orElseGet(() -> warehouse.publish(
                        TableName.EPISODES,
                        request,
                        of(warehouse.read(transitions)).coalesce(1)));
    }

    /** One row an episode of {@code transitions}; rewards are added in the order of steps, so the sums are always the same. */
    public static Dataset<Row> of(Dataset<Row> transitions) {
        var rewards = array_sort(collect_list(struct(col("step"), col("reward"))));
        return transitions
                .groupBy("episode_id")
                .agg(
                        max("group").as("group"),
                        count(lit(1)).as("length"),
                        aggregate(rewards, lit(0.0), (sum, step) -> sum.plus(step.getField("reward")))
                                .as("episode_return"),
                        max_by(
                                        when(col("terminated"), "terminated")
                                                .when(col("truncated"), "truncated")
                                                .otherwise("open"),
                                        col("step"))
                                .as("ending"),
                        min_by(col("source_file"), col("step")).as("source_file"));
    }
}
