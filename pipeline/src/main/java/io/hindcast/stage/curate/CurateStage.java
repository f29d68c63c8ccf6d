package io.hindcast.stage.curate;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.stage.curate.Episodes.Ranked;
import io.hindcast.table.Publication;
import io.hindcast.table.Request;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.SubsetStepsTable.Step;
import io.hindcast.table.TableName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
        return run(context, config, Episodes.MOST_ROWS);
    }

    /** @param most as {@link Episodes#all} has it */
    static StageResult run(StageContext context, CurateConfig config, long most) {
        return Turn.of(context, "curate", "curate", Settings.toMap(config), () -> {
            try (var publication = context.warehouse().begin(TableName.SUBSETS)) {
                return curate(context, config, publication, most);
            }
        });
    }

    private static StageResult curate(StageContext context, CurateConfig config, Publication publication, long most) {
        var warehouse = context.warehouse();
        var there = warehouse.snapshot();
        var transitions = there.require(TableName.TRANSITIONS);
        var version = there.require(TableName.EPISODES);
        config.subsets().keySet().forEach(name -> config.lineage(name).forEach(CurateStage::checkGroup));
        if (!LoggedRewards.areIn(transitions)) {
            config.subsets().keySet().forEach(name -> config.lineage(name).forEach(step -> checkRewards(step, name)));
        }
        var spaces = ActionSpaceConfig.spaces(warehouse, transitions);
        var others = others(context, config, spaces, most);
        var configuration = configuration(config, others);
        var request =
                new Request("curate", configuration, List.of(transitions.asParent(), version.asParent()), List.of());
        // An earlier hindcast named the episodes only.
        var earlier = new Request("curate", configuration, List.of(version.asParent()), List.of());
        var published = there.find(TableName.SUBSETS)
                .filter(subsets -> subsets.manifest().requestKey().equals(earlier.key()))
                .or(() -> publication.published(request));
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var episodes = Episodes.all(context, warehouse, there, most);
        episodes.hold();
        try {
            var files = new TransitionFiles(context, warehouse, transitions);
            var data = new Curation.Data(spaces, LoggedRewards.areIn(transitions), files, others);
            var subsets = curate(context, config, Curation.all(data, episodes));
            var steps = new TreeMap<String, List<Step>>();
            var ranked = new TreeMap<String, Ranked>();
            subsets.forEach((name, subset) -> {
                steps.put(name, subset.done());
                ranked.put(name, subset.ranked());
            });
            publication.beside(TableName.SUBSET_STEPS, request, SubsetStepsTable.rows(steps));
            // Every episode is in one of them: in all.
            var distinct = version.manifest().rows();
            var made = episodes.publish(publication, request, ranked, distinct);
            return new StageResult(
                    false, made + ": " + subsets.size() + " subsets of " + distinct + " episodes", List.of());
        } finally {
            episodes.release();
        }
    }

    private static Map<CurateStep.Source, OtherDataset> others(
            StageContext context, CurateConfig config, Spaces spaces, long most) {
        var others = new LinkedHashMap<CurateStep.Source, OtherDataset>();
        for (var name : config.subsets().keySet()) {
            for (var step : config.lineage(name)) {
                if (step instanceof CurateStep.Mixture mixture) {
                    mixture.others()
                            .forEach(source -> others.computeIfAbsent(
                                    source, other -> OtherDataset.open(context, other, spaces, most)));
                }
            }
        }
        return others;
    }

    /** What other datasets hold is not said by their directories. */
    private static Map<String, Object> configuration(CurateConfig config, Map<CurateStep.Source, OtherDataset> others) {
        var configuration = Settings.toMap(config);
        if (!others.isEmpty()) {
            var shares = others.values().stream().map(OtherDataset::share).toList();
            configuration.put(
                    "datasets",
                    SubsetStepsTable.settings(new Mixture(1, shares)).get("others"));
        }
        return configuration;
    }

    /** Does all steps; those that subsets share are done once. */
    private static Map<String, Curation> curate(StageContext context, CurateConfig config, Curation all) {
        var subsets = new TreeMap<String, Curation>();
        subsets.put(RunSpec.ALL, all);
        say(context, RunSpec.ALL, all.inWords());
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
            var words = subset.inWords();
            say(context, name, steps.isEmpty() ? words : words.subList(1, words.size()));
        }
        return subsets;
    }

    private static void say(StageContext context, String name, List<String> lines) {
        lines.forEach(line -> context.progress().say("[curate] " + name + ": " + line));
    }

    private static void checkRewards(CurateStep step, String subset) {
        if (step.readsRewards()) {
            throw LoggedRewards.missing("do " + step.name() + " in subset " + subset, "leave the step out");
        }
    }

    private static void checkGroup(CurateStep step) {
        var columns = Arrays.asList(TableName.EPISODES.schema().fieldNames());
        var column = step instanceof CurateStep.TopPercent best ? best.groupColumn() : null;
        if (column != null && !columns.contains(column)) {
            throw new UserException("Cannot use group-column = " + column
                    + ": episodes has no such column; its columns are " + String.join(", ", columns));
        }
    }
}
