package io.hindcast.stage;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.table.Request;
import io.hindcast.table.SubsetsTable;
import io.hindcast.table.TableName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Selects the episodes that runs learn from. */
public final class CurateStage {
    private CurateStage() {}

    /**
     * Publishes {@code subsets}.
     *
     * @throws UserException if there are no episodes, a group column is none of theirs, or other subsets are published
     */
    public static StageResult run(StageContext context, CurateConfig config) {
        var warehouse = context.warehouse();
        var version = warehouse.require(TableName.EPISODES, warehouse.require(TableName.TRANSITIONS));
        config.subsets().values().forEach(CurateStage::checkGroup);
        var request = new Request("curate", Settings.toMap(config), List.of(version.asParent()), List.of());
        var published = warehouse.published(TableName.SUBSETS, request);
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var episodes = warehouse.read(version);
        var rows = SubsetsTable.select(episodes, CurateConfig.ALL, 100, lit(0), col("group"));
        for (var subset : config.subsets().entrySet()) {
            var column = subset.getValue().groupColumn();
            rows = rows.union(SubsetsTable.select(
                    episodes,
                    subset.getKey(),
                    subset.getValue().topPercent(),
                    column == null ? lit(0) : col(column),
                    col(column == null ? "group" : column)));
        }
        var subsets = warehouse.publish(TableName.SUBSETS, request, rows.coalesce(1));
        warehouse
                .read(subsets)
                .groupBy("subset")
                .agg(count(lit(1)), avg("episode_return"))
                .orderBy("subset")
                .collectAsList()
                .forEach(row -> context.progress()
                        .say(String.format(
                                Locale.ROOT,
                                "[curate] %s: %d episodes, mean return %.4g",
                                row.getString(0),
                                row.getLong(1),
                                row.getDouble(2))));
        return new StageResult(
                false,
                subsets + ": " + (config.subsets().size() + 1) + " subsets of "
                        + version.manifest().rows() + " episodes",
                List.of());
    }

    private static void checkGroup(CurateConfig.Subset subset) {
        var columns = Arrays.asList(TableName.EPISODES.schema().fieldNames());
        var column = subset.groupColumn();
        if (column != null && !columns.contains(column)) {
            throw new UserException("Cannot use group-column = " + column
                    + ": episodes has no such column; its columns are " + String.join(", ", columns));
        }
    }
}
