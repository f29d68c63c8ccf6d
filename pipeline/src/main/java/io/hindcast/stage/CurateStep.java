package io.hindcast.stage;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A step of a subset: one of these, the others are null. The first seven choose among episodes; the others change the rows
 * that a run learns from, when it loads them.
 */
public record CurateStep(
        @Setting(value = "null", meaning = "keep the episodes of the highest returns") @Nullable TopPercent topPercent,

        @Setting(value = "null", meaning = "keep the episodes whose return is in a range") @Nullable ReturnRange returnRange,

        @Setting(value = "null", meaning = "keep the episodes whose length is in a range") @Nullable LengthRange lengthRange,

        @Setting(value = "null", meaning = "keep the episodes that end in one of these ways") @Nullable Ending ending,

        @Setting(
                value = "null",
                meaning =
                        "keep a part of the episodes by a hash of episode id and seed, so that an episode stays where it is"
                                + " when others come")
        @Nullable Sample sample,

        @Setting(
                value = "null",
                meaning =
                        "keep one of three parts, by another hash; the same fractions and seed give parts without overlap")
        @Nullable Split split,

        @Setting(
                value = "null",
                meaning =
                        "keep the first transitions, in the order of episode ids (shorter ids first); the last episode is"
                                + " cut to meet the count, which is as good as truncated there")
        @Nullable FirstTransitions firstTransitions,

        @Setting(value = "null", meaning = "a reward r becomes scale r + shift") @Nullable Reward reward,

        @Setting(
                value = "null",
                meaning = "rewards are scaled so that the best and the worst return kept lie so far apart (as D4RL's"
                        + " locomotion recipes)")
        @Nullable NormaliseReturns normaliseReturns,

        @Setting(
                value = "null",
                meaning =
                        "observations become (x - mean) / (std + epsilon), over the transitions kept; the policy does it too")
        @Nullable StandardiseObservations standardiseObservations,

        @Setting(
                value = "null",
                meaning = "entries of actions are cut to [-1 + margin, 1 - margin], their bounds mapped to [-1, 1]")
        @Nullable ClipActions clipActions,

        @Setting(
                value = "null",
                meaning =
                        "a reward gets weight times a bonus that holds a trained policy to the behaviour policy:"
                                + " -f(x) / x of x = pi(a|s) / pi_b(a|s), for KL log pi_b(a|s) - log pi(a|s); needs behaviour_log_prob")
        @Nullable BehaviourBonus behaviourBonus,

        @Setting(
                value = "null",
                meaning =
                        "draw from other datasets too: for every row of a batch first a dataset, with a probability in"
                                + " proportion to its weight, then a row of it")
        @Nullable Mixture mixture) {

    /** See {@code --help}. */
    public record TopPercent(
            @Setting(
                    range = "(0, 100]",
                    meaning = "this share, the best by return (rounded up, at least one); ties by id")
            double percent,

            @Setting(value = "null", meaning = "rank within each value of this column of episodes; null: among all")
            @Nullable String groupColumn) {
        /** @throws UserException if a value is out of range */
        public TopPercent {
            Settings.check(TopPercent.class, percent, groupColumn);
        }
    }

    /** See {@code --help}. */
    public record ReturnRange(
            @Setting(value = "null", meaning = "the least return that is kept; null: any") @Nullable Double min,

            @Setting(value = "null", meaning = "the greatest; null: any") @Nullable Double max) {
        /** @throws UserException if the range is empty */
        public ReturnRange {
            checkRange("return-range", min, max);
        }
    }

    /** See {@code --help}. */
    public record LengthRange(
            @Setting(value = "null", range = "[1, inf)", meaning = "the least number of transitions; null: any")
            @Nullable Long min,

            @Setting(value = "null", range = "[1, inf)", meaning = "the greatest; null: any") @Nullable Long max) {
        /** @throws UserException if the range is empty */
        public LengthRange {
            Settings.check(LengthRange.class, min, max);
            checkRange("length-range", min, max);
        }
    }

    /** How an episode ends, as the column {@code ending} of {@code episodes} has it. */
    public enum End {
        /** The task ended by itself. */
        TERMINATED,
        /** A time limit or a declared cut. */
        TRUNCATED,
        /** The log stops. */
        OPEN
    }

    /** See {@code --help}. */
    public record Ending(
            @Setting(meaning = "the endings, for example [terminated, truncated]")
            List<End> keep) {
        /** @throws UserException if there is none */
        public Ending {
            if (keep.isEmpty()) {
                throw new UserException(
                        "Cannot use ending.keep = []: list at least one of terminated, truncated, open");
            }
        }
    }

    /** See {@code --help}. */
    public record Sample(
            @Setting(range = "(0, 1]", meaning = "the share of episodes to expect")
            double fraction,

            @Setting(value = "0", meaning = "another seed keeps others")
            long seed) {
        /** @throws UserException if a value is out of range */
        public Sample {
            Settings.check(Sample.class, fraction, seed);
        }
    }

    /** The parts of a split. */
    public enum Part {
        /** What is learned from. */
        TRAIN,
        /** What settings are chosen by. */
        VALIDATION,
        /** What is looked at once. */
        TEST
    }

    /** See {@code --help}. */
    public record Split(
            @Setting(meaning = "which part is kept") Part part,

            @Setting(value = "0.8", range = "[0, 1]", meaning = "share of the part train to expect")
            double train,

            @Setting(value = "0.1", range = "[0, 1]", meaning = "of validation")
            double validation,

            @Setting(value = "0.1", range = "[0, 1]", meaning = "of test; the three sum to 1")
            double test,

            @Setting(value = "0", meaning = "another seed splits in another way")
            long seed) {
        /** @throws UserException if a value is out of range, or the shares do not sum to 1 */
        public Split {
            Settings.check(Split.class, part, train, validation, test, seed);
            var sum = train + validation + test;
            if (Math.abs(sum - 1) > 1e-9) {
                throw new UserException("Cannot use split with train = " + train + ", validation = " + validation
                        + ", test = " + test + ": they sum to " + (float) sum + "; let them sum to 1");
            }
        }

        /** Where the part begins in [0, 1). */
        double from() {
            return switch (part) {
                case TRAIN -> 0;
                case VALIDATION -> train;
                case TEST -> train + validation;
            };
        }

        /** Where it ends. */
        double to() {
            return switch (part) {
                case TRAIN -> train;
                case VALIDATION -> train + validation;
                case TEST -> Double.POSITIVE_INFINITY;
            };
        }
    }

    /** See {@code --help}. */
    public record FirstTransitions(
            @Setting(range = "[1, inf)", meaning = "how many")
            long count) {
        /** @throws UserException if a value is out of range */
        public FirstTransitions {
            Settings.check(FirstTransitions.class, count);
        }
    }

    /** See {@code --help}. */
    public record Reward(
            @Setting(value = "1", meaning = "what a reward is multiplied by")
            double scale,

            @Setting(value = "0", meaning = "what is added then; AntMaze recipes have -1")
            double shift) {
        /** @throws UserException if rewards would all be the same or no numbers */
        public Reward {
            if (!Double.isFinite(scale) || scale == 0 || !Double.isFinite(shift)) {
                throw new UserException("Cannot use reward with scale = " + scale + ", shift = " + shift
                        + ": rewards would all be the same; choose finite numbers and a scale other than 0");
            }
        }
    }

    /** See {@code --help}. */
    public record NormaliseReturns(
            @Setting(value = "1000", range = "(0, inf)", meaning = "best minus worst return, as they will be")
            double range) {
        /** @throws UserException if a value is out of range */
        public NormaliseReturns {
            Settings.check(NormaliseReturns.class, range);
        }
    }

    /** See {@code --help}. */
    public record StandardiseObservations(
            @Setting(value = "1e-3", range = "(0, 1]", meaning = "added to every standard deviation")
            double epsilon) {
        /** @throws UserException if a value is out of range */
        public StandardiseObservations {
            Settings.check(StandardiseObservations.class, epsilon);
        }
    }

    /** See {@code --help}. */
    public record ClipActions(
            @Setting(value = "1e-5", range = "[0, 1)", meaning = "how far from the bounds")
            double margin) {
        /** @throws UserException if a value is out of range */
        public ClipActions {
            Settings.check(ClipActions.class, margin);
        }
    }

    /** Which divergence. */
    public enum Measure {
        /** Kullback-Leibler. */
        KL,
        /** Half the sum of differences. */
        TOTAL_VARIATION,
        /** Jensen-Shannon. */
        JENSEN_SHANNON
    }

    /** See {@code --help}. */
    public record BehaviourBonus(
            @Setting(meaning = "the checkpoints of the finished run whose policy is pi: OUT/checkpoints/RUN_ID")
            String run,

            @Setting(range = "(0, inf)", meaning = "what the bonus is multiplied by")
            double weight,

            @Setting(value = "kl", meaning = "which divergence the bonus is of")
            Measure divergence,

            @Setting(
                    value = "100",
                    range = "(0, inf)",
                    meaning =
                            "a bonus is cut to [-limit, limit]: it is unbounded where either policy gives an action almost no probability")
            double limit) {
        /** @throws UserException if a value is out of range */
        public BehaviourBonus {
            Settings.check(BehaviourBonus.class, run, weight, divergence, limit);
        }
    }

    /** See {@code --help}. */
    public record Mixture(
            @Setting(value = "1", range = "(0, inf)", meaning = "the weight of what was kept here")
            double weight,

            @Setting(meaning = "the other datasets") List<Source> others) {
        /** @throws UserException if there is no other */
        public Mixture {
            Settings.check(Mixture.class, weight, others);
            if (others.isEmpty()) {
                throw new UserException("Cannot use mixture.others = []: there is nothing to mix; name a dataset");
            }
        }
    }

    /** Another dataset. */
    public record Source(
            @Setting(meaning = "its output directory") Address out,

            @Setting(value = "all", meaning = "which subset of it, one that changes no rows")
            String subset,

            @Setting(value = "1", range = "(0, inf)", meaning = "its weight")
            double weight) {
        /** @throws UserException if a value is out of range, or the directory holds a password */
        public Source {
            Settings.check(Source.class, out, subset, weight);
            if (out.holdsSecret()) {
                throw new UserException(
                        "Cannot use out = " + out + ": the tables will name it, and a password in it would"
                                + " stand there; leave it out and give it to Hadoop (--spark spark.hadoop.fs.…)");
            }
        }
    }

    /** @throws UserException if it is none of these, or several */
    public CurateStep {
        var given = java.util.stream.Stream.of(
                        topPercent,
                        returnRange,
                        lengthRange,
                        ending,
                        sample,
                        split,
                        firstTransitions,
                        reward,
                        normaliseReturns,
                        standardiseObservations,
                        clipActions,
                        behaviourBonus,
                        mixture)
                .filter(Objects::nonNull)
                .count();
        if (given != 1) {
            throw new UserException(
                    "Cannot use a step of " + given
                            + " kinds: steps are done in their order, so each is one of its own; write { sample { … } }, { split { … } }");
        }
    }

    static CurateStep topPercent(TopPercent step) {
        return new CurateStep(step, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** Its name, for example {@code top-percent}. */
    String name() {
        return Settings.toMap(this).keySet().iterator().next();
    }

    /** Its settings, defaults included. */
    @SuppressWarnings("unchecked") // each component is a record
    Map<String, Object> settings() {
        return (Map<String, Object>) Objects.requireNonNull(Settings.toMap(this).get(name()));
    }

    /** Whether it chooses among episodes. */
    boolean selects() {
        return topPercent != null
                || returnRange != null
                || lengthRange != null
                || ending != null
                || sample != null
                || split != null
                || firstTransitions != null;
    }

    /** Whether it goes by rewards or changes them, so that they must have been logged. */
    boolean readsRewards() {
        return topPercent != null
                || returnRange != null
                || reward != null
                || normaliseReturns != null
                || behaviourBonus != null;
    }

    /** For messages: {@code top-percent (percent 10.0)}. */
    @Override
    public String toString() {
        var text = new StringBuilder(name());
        settings().forEach((key, value) -> {
            if (!(value instanceof List<?> list && list.get(0) instanceof Map)) {
                text.append(String.format(Locale.ROOT, " %s %s", key, value));
            }
        });
        return text.toString();
    }

    private static void checkRange(String name, @Nullable Number min, @Nullable Number max) {
        if (min == null && max == null) {
            throw new UserException("Cannot use " + name + " without min and max: it would keep everything; give one");
        }
        if (min != null && max != null && !(min.doubleValue() <= max.doubleValue())) {
            throw new UserException(
                    "Cannot use " + name + " with min = " + min + ", max = " + max + ": no number is in it; swap them");
        }
    }
}
