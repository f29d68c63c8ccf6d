package io.hindcast.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_distinct;

import io.hindcast.data.Findings;
import io.hindcast.table.SubsetsTable;
import io.hindcast.table.TableVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which logged trajectories the episodes of a dataset are parts of. */
public final class Trajectories {
    private Trajectories() {}

    /** Whether any episode is a later part of a trajectory: ingest counted them. */
    public static boolean haveParts(TableVersion transitions) {
        var findings = transitions.manifest().findings();
        return findings != null && findings.counts().containsKey(Findings.LATER_PARTS);
    }

    /** The trajectories of those episodes that are later parts, by episode. */
    public static Map<String, String> ofParts(Dataset<Row> episodes) {
        var trajectories = new HashMap<String, String>();
        episodes.where(col("trajectory").isNotNull())
                .select("episode_id", "trajectory")
                .collectAsList()
                .forEach(row -> trajectories.put(row.getString(0), row.getString(1)));
        return trajectories;
    }

    /** How many there are. */
    public static long count(TableVersion transitions, Dataset<Row> episodes) {
        var findings = Objects.requireNonNullElse(transitions.manifest().findings(), Findings.NONE);
        var all = transitions.manifest().episodes();
        // The first part of a trajectory may have been left out: only then they have to be looked at.
        return all == null || findings.haveQuarantined()
                ? episodes.agg(count_distinct(SubsetsTable.trajectory()))
                        .first()
                        .getLong(0)
                : all - findings.counts().getOrDefault(Findings.LATER_PARTS, 0L);
    }
}
