package io.hindcast.stats;

import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a dataset that matter before anything is learned from it.
 *
 * @param stats what was counted
 * @param drift what it was compared with, if it was
 * @param checks when to warn
 * @param trajectories how many logged trajectories the episodes are parts of; null where each is one of its own
 */
public record Scorecard(
        DatasetStats stats,
        @Nullable Drift drift,
        CheckConfig checks,
        @Nullable Long trajectories) {
    private static final int MOST_NAMES = 6;
    private static final double STEP_QUANTILE = 0.99;

    /** Of a dataset whose episodes are trajectories of their own. */
    public Scorecard(DatasetStats stats, @Nullable Drift drift, CheckConfig checks) {
        this(stats, drift, checks, null);
    }

    /** A check that failed, and why, in a sentence for people. */
    public record Warning(Check check, String text) {}

    /**
     * Steps of one entry of the observation that are far longer than nearly all others.
     *
     * @param usual the 99 % quantile of the lengths of its steps
     * @param largest the largest of them
     */
    public record Jump(int dimension, double usual, List<DatasetStats.Place> largest) {}

    /** All warnings, in the order of {@link Check}. */
    public List<Warning> warnings() {
        var warnings = new ArrayList<Warning>();
        for (var check : Check.values()) {
            var text = text(check);
            if (text != null) {
                warnings.add(new Warning(check, text));
            }
        }
        return List.copyOf(warnings);
    }

    /** Those whose check is required. */
    public List<Warning> failures() {
        return warnings().stream()
                .filter(warning -> checks.require().contains(warning.check()))
                .toList();
    }

    private @Nullable String text(Check check) {
        return switch (check) {
            case NO_CONSTANT_DIMENSIONS -> constant();
            case NO_DUPLICATE_DIMENSIONS -> duplicate();
            case SCALED_DIMENSIONS -> unscaled();
            case NO_SPARSE_REWARD -> sparse();
            case FEW_OPEN_EPISODES -> open();
            case UNSATURATED_ACTIONS -> saturated();
            case EFFECTIVE_SAMPLES -> effective();
            case NO_JUMPS -> jumpsInWords();
            case NO_ONE_STEP_EPISODES -> oneStep();
            case ENOUGH_TRANSITIONS -> small();
            case NO_DRIFT -> drifted();
        };
    }

    private @Nullable String constant() {
        var names = new ArrayList<String>();
        for (var name : List.of("observation", "action")) {
            var entries = stats.vector(name);
            for (var i = 0; i < entries.size(); i++) {
                if (entries.get(i).isConstant()) {
                    names.add(name + " " + i + " (" + number(entries.get(i).min()) + ")");
                }
            }
        }
        return names.isEmpty()
                ? null
                : "The same in every row: " + some(names)
                        + ". A learner gains nothing from it, and scaling divides by 0.";
    }

    private @Nullable String duplicate() {
        var names = new ArrayList<String>();
        sameAs().forEach((name, first) -> names.add(name + " = " + first));
        return names.isEmpty()
                ? null
                : "Equal in every row: " + some(names)
                        + ". One of each pair is enough; an action that repeats an entry of"
                        + " the observation, or the other way round, gives the answer away.";
    }

    /** For each entry that equals an earlier one in every row, which; constant entries are left out. */
    public Map<String, String> sameAs() {
        var seen = new LinkedHashMap<String, Distribution>();
        var same = new LinkedHashMap<String, String>();
        for (var name : List.of("observation", "action")) {
            var entries = stats.vector(name);
            for (var i = 0; i < entries.size(); i++) {
                var entry = entries.get(i);
                if (entry.isConstant()) {
                    continue;
                }
                var first = seen.entrySet().stream()
                        .filter(other -> entry.isSameInEveryRow(other.getValue()))
                        .findFirst();
                if (first.isPresent()) {
                    same.put(name + " " + i, first.get().getKey());
                } else {
                    seen.put(name + " " + i, entry);
                }
            }
        }
        return same;
    }

    private @Nullable String unscaled() {
        var least = -1;
        var greatest = -1;
        var entries = stats.vector("observation");
        var deviations =
                entries.stream().mapToDouble(Distribution::standardDeviation).toArray();
        for (var i = 0; i < deviations.length; i++) {
            if (deviations[i] > 0) {
                least = least < 0 || deviations[i] < deviations[least] ? i : least;
                greatest = greatest < 0 || deviations[i] > deviations[greatest] ? i : greatest;
            }
        }
        if (least < 0 || deviations[greatest] <= checks.maxStdRatio() * deviations[least]) {
            return null;
        }
        return "The observation is not on one scale: entry " + greatest + " has a standard deviation of "
                + number(deviations[greatest]) + ", entry " + least + " of " + number(deviations[least])
                + ". Give a subset the step"
                + " standardise-observations {} (curate.subsets.NAME.steps).";
    }

    private @Nullable String sparse() {
        var values = stats.rewardValues();
        if (values == null || !values.keySet().equals(Set.of(0.0, 1.0)) || isBandit()) {
            return null;
        }
        var share = (double) values.getOrDefault(1.0, 0L) / stats.transitions();
        return share >= checks.minRewardShare()
                ? null
                : "Rewards are 0 and 1, and sparse: " + percent(share)
                        + " of steps earn 1. The recipes for AntMaze subtract 1"
                        + " from every reward, so that each step before the goal costs; give a subset the step reward {"
                        + " shift = -1 } (curate.subsets.NAME.steps).";
    }

    /** Whether nothing follows any decision. */
    public boolean isBandit() {
        return stats.of("episode_length").max() == 1;
    }

    private @Nullable String open() {
        var share = (double) stats.episodes(Ending.OPEN) / Math.max(1, stats.episodes());
        return share <= checks.maxOpen()
                ? null
                : stats.episodes(Ending.OPEN) + " of " + stats.episodes() + " episodes (" + percent(share)
                        + ") are open: their log stops without saying whether the task ended. They are learned from as if"
                        + " truncated; if they ended by themselves, say so with final-row = terminated at ingest.";
    }

    private @Nullable String saturated() {
        if (!stats.rules().isBounded()) {
            return null;
        }
        var names = new ArrayList<String>();
        for (var i = 0; i < stats.vector("action").size(); i++) {
            var share = (double) (stats.atLow(i) + stats.atHigh(i)) / stats.transitions();
            if (share > checks.maxSaturation()) {
                names.add("entry " + i + " (" + percent(share) + ")");
            }
        }
        return names.isEmpty()
                ? null
                : "Actions lie at their bounds: " + some(names) + ". A policy with unbounded log-probability there (a"
                        + " squashed Gaussian) needs them clipped a little inside: step"
                        + " clip-actions {} (curate.subsets.NAME.steps).";
    }

    /**
     * The share of effective samples of the weights w = 1 / propensity, (sum w)^2 / (n sum w^2) (Kish 1965): what estimates of a
     * policy that chooses uniformly have to go by; null where there are no propensities.
     */
    public @Nullable Double effectiveShare() {
        var weights = stats.of("inverse_propensity");
        if (weights.count() == 0) {
            return null;
        }
        var mean = weights.mean();
        var deviation = weights.standardDeviation();
        return mean * mean / (mean * mean + deviation * deviation);
    }

    private @Nullable String effective() {
        var share = effectiveShare();
        return share == null || share >= checks.minEffectiveShare()
                ? null
                : "Propensities are uneven: " + stats.of("inverse_propensity").count() + " decisions weigh as "
                        + Math.round(share * stats.of("inverse_propensity").count()) + " effective ones ("
                        + percent(share)
                        + ") when weighted by 1 / propensity. Expect wide intervals from importance sampling.";
    }

    /** The entries of the observation with steps beyond {@code jump-factor} times their 99 % quantile. */
    public List<Jump> jumps() {
        var jumps = new ArrayList<Jump>();
        var entries = stats.vector("step_difference");
        for (var i = 0; i < entries.size(); i++) {
            var usual = entries.get(i).absoluteQuantile(STEP_QUANTILE);
            var limit = checks.jumpFactor() * usual;
            var beyond = stats.largestSteps(i).stream()
                    .filter(place -> place.size() > limit)
                    .toList();
            if (usual > 0 && !beyond.isEmpty()) {
                jumps.add(new Jump(i, usual, beyond));
            }
        }
        return List.copyOf(jumps);
    }

    private @Nullable String jumpsInWords() {
        var jumps = jumps();
        if (jumps.isEmpty()) {
            return null;
        }
        var worst = jumps.stream()
                .reduce((a, b) -> a.largest().get(0).size() / a.usual()
                                >= b.largest().get(0).size() / b.usual()
                        ? a
                        : b)
                .orElseThrow();
        var place = worst.largest().get(0);
        return "The state jumps in " + (jumps.size() == 1 ? "one entry" : jumps.size() + " entries")
                + " of the observation: entry " + worst.dimension() + " moves by " + number(place.size()) + " in step "
                + place.step() + " of episode " + place.episodeId() + " (" + place.sourceFile() + ", row "
                + place.sourceRow() + "), where 99 % of its steps are within " + number(worst.usual())
                + ". If two episodes were glued together there, ingest with jump.dimensions, jump.distance and on-break ="
                + " split.";
    }

    private @Nullable String oneStep() {
        if (trajectories != null && !isBandit() && stats.oneStep() > 0) {
            return stats.oneStep() + " of " + stats.episodes() + " episodes ("
                    + percent((double) stats.oneStep() / stats.episodes())
                    + ") are a single row. They are parts of " + trajectories
                    + " logged trajectories, which go on after a terminal row or were split; top-percent, split, sample and"
                    + " ranges go by whole trajectories, but a single episode shows little.";
        }
        return isBandit() || stats.oneStepTerminated() == 0
                ? null
                : stats.oneStepTerminated() + " of " + stats.episodes()
                        + " episodes terminate with their first step. In AntMaze logs that is how an agent that stays at its"
                        + " goal looks; they count as best episodes when ranked by return, so leave them out with the step"
                        + " length-range { min = 2 } (curate.subsets.NAME.steps).";
    }

    private @Nullable String small() {
        return stats.transitions() >= checks.minTransitions()
                ? null
                : "There are only " + stats.transitions() + " transitions, fewer than " + checks.minTransitions()
                        + ". Expect policies that depend on the seed.";
    }

    private @Nullable String drifted() {
        if (drift == null) {
            return null;
        }
        var beyond = drift.greatest().stream()
                .filter(shift -> shift.psi() > checks.maxPsi())
                .map(shift -> shift.name() + " " + shift.dimension() + " (" + number(shift.psi()) + ")")
                .toList();
        return beyond.isEmpty()
                ? null
                : drift.current() + " has other distributions than " + drift.reference() + " in " + beyond.size()
                        + " of " + drift.shifts().size() + " quantities, by population stability index: " + some(beyond)
                        + ".";
    }

    private static String some(List<String> names) {
        var shown = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
        return names.size() > MOST_NAMES ? shown + " and " + (names.size() - MOST_NAMES) + " more" : shown;
    }

    private static String number(double value) {
        var text = String.format(Locale.ROOT, "%.4g", value);
        return text.contains("e") || !text.contains(".") ? text : text.replaceFirst("\\.?0+$", "");
    }

    private static String percent(double share) {
        return number(100 * share) + " %";
    }
}
