package io.hindcast.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_distinct;

import io.hindcast.table.SubsetsTable;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which logged trajectories the episodes of a dataset are parts of. */
final class Trajectories {
    private Trajectories() {}

    /** Whether any episode is a later part of a trajectory. */
    static boolean haveParts(Dataset<Row> episodes) {
        return !episodes.where(col("trajectory").isNotNull()).isEmpty();
    }

    /** The trajectories of those episodes that are later parts, by episode. */
    static Map<String, String> ofParts(Dataset<Row> episodes) {
        var trajectories = new HashMap<String, String>();
        episodes.where(col("trajectory").isNotNull())
                .select("episode_id", "trajectory")
                .collectAsList()
                .forEach(row -> trajectories.put(row.getString(0), row.getString(1)));
        return trajectories;
    }

    /** How many there are. */
    static long count(Dataset<Row> episodes) {
        return episodes.agg(count_distinct(SubsetsTable.trajectory())).first().getLong(0);
    }
}
