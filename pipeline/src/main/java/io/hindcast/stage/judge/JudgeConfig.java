package io.hindcast.stage.judge;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Fold;
import io.hindcast.judge.EstimatorName;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.LowerBoundName;
import io.hindcast.judge.Tail;
import io.hindcast.judge.policy.PolicyValues;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.RunSpec;
import io.hindcast.table.ReplayReader.Durations;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which policies are judged by the log, and how. */
public record JudgeConfig(
        @Setting(
                value = "last",
                meaning =
                        "which checkpoints of each run in the table runs are judged: its last one, all, or none; a run's"
                                + " policy is called NAME-SEED")
        Checkpoints checkpoints,

        @Setting(
                value = "greedy",
                meaning =
                        "how a run's policy acts: greedy: it takes the likeliest action, as in evaluate; sampled: actions"
                                + " are drawn from it, where it has probabilities")
        Preference actions,

        @Setting(
                value = "0",
                range = "[0, 1]",
                meaning = "with this probability it takes a uniformly random action instead")
        double epsilon,

        @Setting(
                value = "0",
                range = "[0, inf)",
                meaning =
                        "standard deviation of normal noise on its greedy action, where actions are vectors; in units of"
                                + " half the range of an action. Without noise or sampled actions no log can tell what such a"
                                + " policy is worth")
        double noise,

        @Setting(
                value = "{}",
                meaning =
                        "further policies, by name: of another run, of a file, of one action, or of a type. Beside them the policy"
                                + " that logged (behaviour) and the uniformly random one (uniform) are always judged")
        Map<String, Named> policies,

        @Setting(
                value = "[]",
                meaning =
                        "runs of behaviour cloning, by NAME-SEED: where the log has no probabilities of its actions,"
                                + " theirs are taken, each only in episodes that its subset does not hold, and the estimates say so")
        List<String> clones,

        @Setting(
                value = "null",
                meaning =
                        "clones of what logged that the job trains itself, with folds, for logs without probabilities; absent:"
                                + " none are")
        Fitting.@Nullable Cloning cloning,

        @Setting(
                value = "null",
                meaning =
                        "runs of fitted Q evaluation (fqe) that the job trains itself, with folds, for each policy that is"
                                + " judged: what dm, dr, wdr and magic lean on; { } is enough. Absent: those that train left in"
                                + " this --out are taken")
        @Nullable Fitting models,

        @Setting(value = "all", meaning = "the subset whose episodes they are judged by, see curate")
        String subset,

        @Setting(
                value = "refuse",
                meaning =
                        "whether a policy may be judged by episodes that it learned from, which flatters it: refuse: its"
                                + " estimates are shown and not usable; allow")
        OwnEpisodes ownEpisodes,

        @Setting(
                value = "[]",
                meaning =
                        "the estimators; empty: is and wis, where episodes have several steps also pdis and wpdis, and"
                                + " where there are models also dm, dr and of several steps wdr")
        List<EstimatorName> estimators,

        @Setting(
                value = "nothing",
                meaning =
                        "what pdis and wpdis add where the log of an episode ends and the task went on: nothing, or what"
                                + " the model says of the state there")
        Tail tail,

        @Setting(
                value = "1",
                range = "[0, 1]",
                meaning = "discount of each step; with 1 a value is a sum of rewards, as in evaluate")
        double discount,

        @Setting(value = "steps", meaning = "what the discount counts: steps, or the time that was logged (time_delta)")
        Durations durations,

        @Setting(
                value = "[]",
                meaning =
                        "columns that episodes are grouped by: group, source_file, or those that ingest was told to keep"
                                + " (columns.keep): each combination of their values gets estimates of its own. What an"
                                + " episode's first step says is that of the episode")
        List<String> by,

        @Setting(
                value = "null",
                meaning =
                        "a column that ingest was told to keep (columns.keep), in which predict wrote policy_version: what"
                                + " each version of the registry earned in its own episodes is compared with what it was"
                                + " promised to earn when it was promoted; null: not")
        @Nullable String audit,

        @Setting(value = "{}", meaning = "checks that must hold")
        Checks checks,

        @Setting(value = "0.95", range = "(0.5, 1)", meaning = "confidence of intervals")
        double confidence,

        @Setting(
                value = "null",
                meaning =
                        "a discounted return that no episode is below, known beforehand and not read off this log; null:"
                                + " not known")
        @Nullable Double leastReturn,

        @Setting(value = "null", meaning = "one that no episode is above, likewise") @Nullable Double mostReturn,

        @Setting(
                value = "null",
                meaning = "how lower bounds are made. student-t: by each estimate's own error. Of weights alone:"
                        + " clipped-bernstein (needs least-return) holds for any number of episodes; cressie-read (needs"
                        + " most-return too) for many single decisions; confidence-sequence (needs both) however often it"
                        + " is looked at while the log grows. null: clipped-bernstein where least-return is given, else"
                        + " student-t")
        @Nullable LowerBoundName lowerBound,

        @Setting(
                value = "200",
                range = "[0, 10000]",
                meaning = "replicates of the bootstrap over episodes; 0: no bootstrap")
        int replicates,

        @Setting(value = "0", range = "[0, inf)", meaning = "seed of the bootstrap")
        long seed,

        @Setting(
                value = "false",
                meaning =
                        "also write the table judged_episodes: what estimators make of each episode, for statistics of"
                                + " one's own")
        boolean episodes,

        @Setting(
                value = "[]",
                meaning =
                        "names of policies that must be usable, or the job ends with exit code 3; a run is if its last"
                                + " checkpoint is")
        List<String> require) {

    /** Checks that must hold. */
    public record Checks(
            @Setting(
                    value = "[]",
                    meaning =
                            "a job of which one fails ends with exit code 3. promise-kept: no version of the registry is sure"
                                    + " to earn less than the least it was promised to earn")
            List<JudgeCheck> require) {}

    /** What a log is checked for. */
    public enum JudgeCheck {
        PROMISE_KEPT
    }

    /** Which checkpoints of runs are judged. */
    public enum Checkpoints {
        LAST,
        ALL,
        NONE
    }

    /** What becomes of a policy that is judged by what it learned from. */
    public enum OwnEpisodes {
        REFUSE,
        ALLOW
    }

    /** A kind of policy that needs no run. */
    public enum Type {
        UNIFORM,
        BEHAVIOUR
    }

    /** A policy by name: one of {@code run}, {@code column}, {@code log-column}, {@code onnx}, {@code action} and {@code type} is given. */
    public record Named(
            @Setting(
                    value = "null",
                    meaning = "the directory of a run, OUT/checkpoints/RUN_ID, or its id in this --out")
            @Nullable String run,

            @Setting(
                    value = "null",
                    range = "[0, inf)",
                    meaning = "of the run: after how many updates; absent: at its last checkpoint")
            @Nullable Long step,

            @Setting(
                    value = "null",
                    meaning = "of the run or the ONNX file: greedy or sampled; absent: as judge.actions")
            @Nullable Preference actions,

            @Setting(
                    value = "null",
                    range = "[0, 1]",
                    meaning = "of these: the probability of a uniformly random action; absent: as judge.epsilon")
            @Nullable Double epsilon,

            @Setting(
                    value = "null",
                    meaning =
                            "a column of the log that ingest was told to keep (columns.keep), which holds how likely the"
                                    + " policy was to do what was done: of a discrete action a probability, of a vector a density in"
                                    + " the units of the log")
            @Nullable String column,

            @Setting(value = "null", meaning = "the same of the natural logarithm of it") @Nullable String logColumn,

            @Setting(
                    value = "null",
                    meaning = "the policy.onnx of a run, OUT/policies/RUN_ID/policy.onnx, wherever it is kept now")
            @Nullable String onnx,

            @Setting(value = "null", range = "[0, inf)", meaning = "the index of the one action that it always takes")
            @Nullable Integer action,

            @Setting(value = "null", meaning = "uniform, or behaviour: what logged") @Nullable Type type)
            implements Serializable {
        /** @throws UserException if not exactly one of them is given, or what is of a run only without one */
        public Named {
            var given = Stream.of(run, column, logColumn, onnx, action, type)
                    .filter(Objects::nonNull)
                    .count();
            if (given != 1) {
                throw new UserException("Cannot use a policy that is given in " + given
                        + " ways: give one of run, column, log-column, onnx, action and type");
            }
            if (run == null && (step != null || (onnx == null && (actions != null || epsilon != null)))) {
                throw new UserException("Cannot use a policy with step, actions or epsilon and without run: only what"
                        + " a run learned has them, and of an ONNX file all but step; remove them");
            }
        }
    }

    /** @throws UserException if a name is taken, or too little is known for a bound */
    public JudgeConfig {
        requireKnown(leastReturn, mostReturn, lowerBound);
        requireOnce("estimators", estimators.stream().map(EstimatorName::word).toList());
        requireOnce("by", by);
        requireOnce("clones", clones);
        if (cloning != null) {
            cloning.learner();
            if (!clones.isEmpty()) {
                throw new UserException("Cannot use both judge.clones = " + clones
                        + " and judge.cloning: the first names runs, the second trains some; remove one of them");
            }
        }
        if (models != null) {
            models.learner(discount);
        }
        if (estimators.contains(EstimatorName.MARGINAL_RATIO) && !by.isEmpty()) {
            throw new UserException(
                    "Cannot use both judge.estimators = [marginal-ratio] and judge.by: its sums are too large for"
                            + " one in each group; judge by a subset of each group");
        }
        if (audit == null && !checks.require().isEmpty()) {
            throw new UserException(
                    "Cannot use judge.checks.require = [promise-kept] without judge.audit: name the column"
                            + " in which predict wrote policy_version");
        }
        policies.forEach((name, policy) -> {
            var reserved = name.equals(Judgement.BEHAVIOUR)
                    ? Type.BEHAVIOUR
                    : name.equals(Judgement.UNIFORM) ? Type.UNIFORM : null;
            if (reserved != null && policy.type() != reserved) {
                throw new UserException("Cannot use judge.policies." + name
                        + ": that name is taken by a policy that is always judged; choose another");
            }
        });
    }

    private static void requireOnce(String key, List<String> words) {
        var twice = words.stream()
                .filter(word -> Collections.frequency(words, word) > 1)
                .findFirst();
        if (twice.isPresent()) {
            throw new UserException(
                    "Cannot use judge." + key + " = " + words + ": " + twice.get() + " stands there twice; remove one");
        }
    }

    private static void requireKnown(
            @Nullable Double leastReturn, @Nullable Double mostReturn, @Nullable LowerBoundName lowerBound) {
        if (leastReturn != null && mostReturn != null && !(leastReturn < mostReturn)) {
            throw new UserException("Cannot use judge.most-return = " + mostReturn
                    + ": it is not above judge.least-return = " + leastReturn);
        }
        if (lowerBound == null || lowerBound == LowerBoundName.STUDENT_T) {
            return;
        }
        if (leastReturn == null || (lowerBound.needsMost() && mostReturn == null)) {
            throw new UserException("Cannot use judge.lower-bound = " + lowerBound.word() + " without judge."
                    + (leastReturn == null ? "least-return" : "most-return")
                    + ": give a number that no episode's discounted return is "
                    + (leastReturn == null ? "below" : "above") + ", whatever happens");
        }
    }

    /** How lower bounds are made. */
    PolicyValues.Bounds bounds() {
        var standing = leastReturn == null ? LowerBoundName.STUDENT_T : LowerBoundName.CLIPPED_BERNSTEIN;
        return new PolicyValues.Bounds(
                lowerBound == null ? standing : lowerBound,
                leastReturn == null ? Double.NaN : leastReturn,
                mostReturn == null ? Double.NaN : mostReturn);
    }

    /** Whether an estimator is asked for that needs features of states and actions. */
    boolean asksForRatios() {
        return estimators.contains(EstimatorName.MARGINAL_RATIO);
    }

    /** The folds of all that is fitted. */
    List<Fold> folds() {
        return Stream.of(models, cloning == null ? null : cloning.fitting())
                .filter(Objects::nonNull)
                .flatMap(fitting -> fitting.parts().stream())
                .distinct()
                .toList();
    }

    /** Whether all episodes are judged by. */
    boolean isOfAll() {
        return subset.equals(RunSpec.ALL);
    }

    /** A group of episodes in words; null for all together. */
    static @Nullable String inWords(List<String> by, List<String> group) {
        return group.isEmpty()
                ? null
                : IntStream.range(0, group.size())
                        .mapToObj(i -> by.get(i) + "=" + group.get(i))
                        .collect(Collectors.joining(", "));
    }

    /** The configuration without what changes no estimate. */
    Map<String, Object> decisive() {
        var map = Settings.toMap(this);
        map.remove("require");
        map.remove("checks");
        // An ONNX file is what it holds, not where it is.
        if (map.get("policies") instanceof Map<?, ?> named) {
            named.values().forEach(policy -> ((Map<?, ?>) policy).remove("onnx"));
        }
        return map;
    }
}
