package io.hindcast.stage.judge;

import static org.apache.spark.sql.functions.col;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How many of the episodes that policies are judged by one of them learned from.
 *
 * @param learned so many
 * @param judged of so many
 */
record Overlap(long learned, long judged) {
    static Overlap of(Dataset<Row> subsets, String learned, String judged) {
        var by = episodes(subsets, judged);
        return new Overlap(by.intersect(episodes(subsets, learned)).count(), by.count());
    }

    private static Dataset<Row> episodes(Dataset<Row> subsets, String name) {
        return subsets.where(col("subset").equalTo(name)).select("episode_id");
    }
}
