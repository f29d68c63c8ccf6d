package io.hindcast.stage.curate;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.FileNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which subsets of the episodes to name; {@code all} is always there. */
public record CurateConfig(
        @Setting(value = "{}", meaning = "the subsets, by name")
        Map<String, Subset> subsets) {
    /** Which episodes a subset selects, and what is done to their rows. */
    public record Subset(
            @Setting(value = "all", meaning = "the subset to start from; its steps are done first")
            String from,

            @Setting(
                    value = "100",
                    range = "(0, 100]",
                    meaning = "keep this percentage of the episodes, those with the highest returns (rounded up, at"
                            + " least one); the same as a first step top-percent { percent, group-column }")
            double topPercent,

            @Setting(value = "null", meaning = "rank within each value of this column of episodes; null: among all")
            @Nullable String groupColumn,

            @Setting(value = "[]", meaning = "steps, done in their order: [{ NAME { key = value } }, …]")
            List<CurateStep> steps) {
        /** All steps, those in short form included. */
        List<CurateStep> allSteps() {
            if (topPercent == 100 && groupColumn == null) {
                return steps;
            }
            var all = new ArrayList<CurateStep>();
            all.add(CurateStep.best(topPercent, groupColumn));
            all.addAll(steps);
            return all;
        }
    }

    /** @throws UserException if a subset is called {@code all}, or begins with one that is not there or with itself */
    public CurateConfig {
        if (subsets.containsKey(RunSpec.ALL)) {
            throw new UserException(
                    "Cannot use subsets.all: that name is kept for the subset of every episode; choose another");
        }
        FileNames.require("curate.subsets", FileNames.LONGEST, subsets.keySet());
        for (var name : subsets.keySet()) {
            checkOrder(name, lineage(name, subsets));
        }
    }

    /** The steps of a subset, those of the subsets it begins with first. */
    List<CurateStep> lineage(String subset) {
        return lineage(subset, subsets);
    }

    private static List<CurateStep> lineage(String subset, Map<String, Subset> subsets) {
        var chain = new LinkedHashMap<String, Subset>();
        var name = subset;
        while (!name.equals(RunSpec.ALL)) {
            var here = subsets.get(name);
            if (here == null) {
                var known = new ArrayList<>(List.of(RunSpec.ALL));
                known.addAll(subsets.keySet());
                throw Settings.unknown("subset", name, known, " (in curate.subsets." + last(chain) + ".from)");
            }
            if (chain.put(name, here) != null) {
                throw new UserException("Cannot make subset " + name + ": it begins with itself ("
                        + String.join(" from ", chain.keySet()) + " from " + name + "); let one be from all");
            }
            name = here.from();
        }
        var steps = new ArrayList<CurateStep>();
        chain.values().forEach(here -> steps.addAll(0, here.allSteps()));
        return List.copyOf(steps);
    }

    private static String last(Map<String, Subset> chain) {
        var names = List.copyOf(chain.keySet());
        return Objects.requireNonNull(names.get(names.size() - 1));
    }

    /** What must not have been done before a step. */
    private static void checkOrder(String subset, List<CurateStep> steps) {
        var done = new ArrayList<String>();
        for (var step : steps) {
            if (step.readsReturns() && done.contains("behaviour-bonus")) {
                throw order(subset, step, "behaviour-bonus", "returns with the bonus are not known before training");
            }
            if (step instanceof CurateStep.BehaviourBonus && done.contains("standardise-observations")) {
                throw order(subset, step, "standardise-observations", "its policy takes observations as logged");
            }
            if (step instanceof CurateStep.StandardiseObservations && done.contains(step.name())) {
                throw order(subset, step, step.name(), "they are standardised already");
            }
            if (step instanceof CurateStep.Selection && done.contains("mixture")) {
                throw order(subset, step, "mixture", "it would choose among the episodes of one dataset only");
            }
            if (step instanceof CurateStep.Mixture && !done.isEmpty()) {
                throw order(subset, step, done.get(0), "it would be done to the rows of one dataset only");
            }
            if (!(step instanceof CurateStep.Selection)) {
                done.add(step.name());
            }
        }
    }

    private static UserException order(String subset, CurateStep step, String before, String reason) {
        return new UserException("Cannot do " + step.name() + " after " + before + " in subset " + subset + ": "
                + reason + "; change the order of the steps");
    }
}
