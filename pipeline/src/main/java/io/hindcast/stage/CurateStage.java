package io.hindcast.stage;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.table.Request;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Step;
import io.hindcast.table.TableName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;

/** Selects the episodes that runs learn from, and says what runs do to their rows. */
public final class CurateStage {
    private CurateStage() {}

    /**
     * Publishes {@code subset_steps} and {@code subsets}.
     *
     * @throws UserException if there are no episodes, a step keeps none of them or lacks what it needs, or other subsets are
     *     published
     */
    public static StageResult run(StageContext context, CurateConfig config) {
        var warehouse = context.warehouse();
        var transitions = warehouse.require(TableName.TRANSITIONS);
        var version = warehouse.require(TableName.EPISODES, transitions);
        config.subsets().keySet().forEach(name -> config.lineage(name).forEach(CurateStage::checkGroup));
        var request = new Request("curate", Settings.toMap(config), List.of(version.asParent()), List.of());
        var published = warehouse.published(TableName.SUBSETS, request);
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var spaces = ActionSpaceConfig.spaces(warehouse, transitions);
        var episodes = warehouse.read(version).persist();
        try {
            var subsets = curate(context, config, Curation.all(spaces, warehouse.read(transitions), episodes));
            var steps = new TreeMap<String, List<Step>>();
            subsets.forEach((name, subset) -> steps.put(name, subset.done()));
            if (warehouse.madeBy(TableName.SUBSET_STEPS, request).isEmpty()) {
                warehouse.publish(TableName.SUBSET_STEPS, request, SubsetStepsTable.frame(context.spark(), steps));
            }
            var frame = subsets.entrySet().stream()
                    .map(subset -> subset.getValue().frame(subset.getKey()))
                    .reduce(Dataset::union)
                    .orElseThrow();
            var made = warehouse.publish(TableName.SUBSETS, request, frame.coalesce(1));
            return new StageResult(
                    false,
                    made + ": " + subsets.size() + " subsets of "
                            + version.manifest().rows() + " episodes",
                    List.of());
        } finally {
            episodes.unpersist();
        }
    }

    /** Does all steps; those that subsets share are done once. */
    private static Map<String, Curation> curate(StageContext context, CurateConfig config, Curation all) {
        var subsets = new TreeMap<String, Curation>();
        subsets.put(CurateConfig.ALL, all);
        say(context, CurateConfig.ALL, all);
        var made = new HashMap<List<CurateStep>, Curation>();
        made.put(List.of(), all);
        for (var name : config.subsets().keySet()) {
            var steps = config.lineage(name);
            var subset = all;
            for (var i = 0; i < steps.size(); i++) {
                var before = subset;
                var step = steps.get(i);
                subset = made.computeIfAbsent(steps.subList(0, i + 1), shared -> before.then(step, name));
            }
            subsets.put(name, subset);
            say(context, name, subset);
        }
        return subsets;
    }

    private static void say(StageContext context, String name, Curation subset) {
        subset.inWords().forEach(line -> context.progress().say("[curate] " + name + ": " + line));
    }

    private static void checkGroup(CurateStep step) {
        var columns = Arrays.asList(TableName.EPISODES.schema().fieldNames());
        var column = step.topPercent() == null ? null : step.topPercent().groupColumn();
        if (column != null && !columns.contains(column)) {
            throw new UserException("Cannot use group-column = " + column
                    + ": episodes has no such column; its columns are " + String.join(", ", columns));
        }
    }
}
