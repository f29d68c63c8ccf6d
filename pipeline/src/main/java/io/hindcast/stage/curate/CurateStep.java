package io.hindcast.stage.curate;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step of a subset: it chooses among episodes, or changes the rows that a run learns from when it loads them. */
public sealed interface CurateStep
        permits CurateStep.Selection,
                CurateStep.Reward,
                CurateStep.NormaliseReturns,
                CurateStep.StandardiseObservations,
                CurateStep.ClipActions,
                CurateStep.BehaviourBonus,
                CurateStep.Mixture {
    /** A step that chooses among episodes. */
    sealed interface Selection extends CurateStep
            permits TopPercent, ReturnRange, LengthRange, Ending, Group, Sample, Split, FirstTransitions {}

    /** Episodes of the highest returns. */
    @Setting(meaning = "keep the episodes of the highest returns")
    record TopPercent(
            @Setting(
                    range = "(0, 100]",
                    meaning = "this percentage of the episodes, those with the highest returns (rounded up, at least"
                            + " one); ties are decided by id")
            double percent,

            @Setting(value = "null", meaning = "rank within each value of this column of episodes; null: among all")
            @Nullable String groupColumn)
            implements Selection {}

    /** Episodes whose return is in a range. */
    @Setting(meaning = "keep the episodes whose return is in a range")
    record ReturnRange(
            @Setting(value = "null", meaning = "the least return that is kept; null: any") @Nullable Double min,

            @Setting(value = "null", meaning = "the greatest; null: any") @Nullable Double max)
            implements Selection {
        /** @throws UserException if the range is empty */
        public ReturnRange {
            checkRange("return-range", min, max);
        }
    }

    /** Episodes whose length is in a range. */
    @Setting(meaning = "keep the episodes whose length is in a range")
    record LengthRange(
            @Setting(value = "null", range = "[1, inf)", meaning = "the least number of transitions; null: any")
            @Nullable Long min,

            @Setting(value = "null", range = "[1, inf)", meaning = "the greatest; null: any") @Nullable Long max)
            implements Selection {
        /** @throws UserException if the range is empty */
        public LengthRange {
            checkRange("length-range", min, max);
        }
    }

    /** How an episode ends, as the column {@code ending} of {@code episodes} has it. */
    enum End {
        /** The task ended by itself. */
        TERMINATED,
        /** A time limit or a declared cut. */
        TRUNCATED,
        /** The log stops. */
        OPEN
    }

    /** Episodes that end in one of some ways. */
    @Setting(meaning = "keep the episodes that end in one of these ways")
    record Ending(
            @Setting(meaning = "the endings, for example [terminated, truncated]")
            List<End> keep) implements Selection {
        /** @throws UserException if there is none */
        public Ending {
            if (keep.isEmpty()) {
                throw new UserException(
                        "Cannot use ending.keep = []: list at least one of terminated, truncated, open");
            }
        }
    }

    /** Episodes of some groups. */
    @Setting(meaning = "keep the episodes of some groups, see columns.group of ingest")
    record Group(
            @Setting(meaning = "the values of the column group, for example [control]")
            List<String> keep) implements Selection {
        /** @throws UserException if there is none */
        public Group {
            if (keep.isEmpty()) {
                throw new UserException("Cannot use group.keep = []: list at least one value of the column group");
            }
        }
    }

    /** A part of the episodes, by a hash. */
    @Setting(
            meaning = "keep a random part of the episodes, chosen by a hash of episode id and seed; the choice of an"
                    + " episode does not change when others are added")
    record Sample(
            @Setting(range = "(0, 1]", meaning = "the share of episodes to expect")
            double fraction,

            @Setting(value = "0", meaning = "another seed keeps others")
            long seed)
            implements Selection {}

    /** The parts of a split. */
    enum Part {
        /** What is learned from. */
        TRAIN,
        /** What settings are chosen by. */
        VALIDATION,
        /** What is looked at once. */
        TEST
    }

    /** One of three parts of the episodes, by another hash. */
    @Setting(
            meaning = "keep one of three parts (train, validation, test), chosen by another hash; with the same"
                    + " fractions and seed the parts do not overlap")
    record Split(
            @Setting(meaning = "which part is kept") Part part,

            @Setting(value = "0.8", range = "[0, 1]", meaning = "share of the part train to expect")
            double train,

            @Setting(value = "0.1", range = "[0, 1]", meaning = "share of the part validation to expect")
            double validation,

            @Setting(
                    value = "0.1",
                    range = "[0, 1]",
                    meaning = "share of the part test to expect; the three shares sum to 1")
            double test,

            @Setting(value = "0", meaning = "another seed splits in another way")
            long seed)
            implements Selection {
        /** @throws UserException if the shares do not sum to 1 */
        public Split {
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

    /** Whole episodes, and a part of one, up to a number of transitions. */
    @Setting(
            meaning = "keep the first transitions, in the order of episode ids (shorter ids first); the last episode"
                    + " is cut at the count and counts as truncated there")
    record FirstTransitions(
            @Setting(range = "[1, inf)", meaning = "how many")
            long count) implements Selection {}

    /** Rewards are scaled and shifted. */
    @Setting(meaning = "a reward r becomes scale r + shift")
    record Reward(
            @Setting(value = "1", meaning = "what a reward is multiplied by")
            double scale,

            @Setting(value = "0", meaning = "what is added after scaling; recipes for AntMaze use -1")
            double shift)
            implements CurateStep {
        /** @throws UserException if rewards would all be the same or no numbers */
        public Reward {
            if (!Double.isFinite(scale) || scale == 0 || !Double.isFinite(shift)) {
                throw new UserException("Cannot use reward with scale = " + scale + ", shift = " + shift
                        + ": rewards would all be the same; choose finite numbers and a scale other than 0");
            }
        }
    }

    /** Rewards are scaled to a range of returns. */
    @Setting(
            meaning = "scale rewards so that the best and the worst return differ by this range (as recipes for D4RL's"
                    + " locomotion data do)")
    record NormaliseReturns(
            @Setting(value = "1000", range = "(0, inf)", meaning = "best minus worst return after scaling")
            double range)
            implements CurateStep {}

    /** Observations are standardised. */
    @Setting(
            meaning = "observations become (x - mean) / (std + epsilon), with mean and std of the transitions kept;"
                    + " the trained policy contains the same step")
    record StandardiseObservations(
            @Setting(value = "1e-3", range = "(0, 1]", meaning = "added to every standard deviation")
            double epsilon) implements CurateStep {}

    /** Actions are cut short of their bounds. */
    @Setting(
            meaning = "entries of actions, scaled so that their bounds are -1 and 1, are clipped to [-1 + margin, 1 -"
                    + " margin]")
    record ClipActions(
            @Setting(value = "1e-5", range = "[0, 1)", meaning = "how far from the bounds")
            double margin) implements CurateStep {}

    /** Which divergence. */
    enum Measure {
        /** Kullback-Leibler. */
        KL,
        /** Half the sum of differences. */
        TOTAL_VARIATION,
        /** Jensen-Shannon. */
        JENSEN_SHANNON
    }

    /** Rewards get a bonus for acting as the behaviour policy did. */
    @Setting(
            meaning = "add to each reward weight times a bonus that keeps a trained policy close to the behaviour"
                    + " policy: -f(x) / x with x = pi(a|s) / pi_b(a|s); for KL this is log pi_b(a|s) - log"
                    + " pi(a|s). Needs behaviour_log_prob")
    record BehaviourBonus(
            @Setting(meaning = "the finished run whose policy is pi, by its checkpoints: OUT/checkpoints/RUN_ID")
            String run,

            @Setting(range = "(0, inf)", meaning = "what the bonus is multiplied by")
            double weight,

            @Setting(value = "kl", meaning = "the divergence f")
            Measure divergence,

            @Setting(
                    value = "100",
                    range = "(0, inf)",
                    meaning = "a bonus is clipped to [-limit, limit]: it is unbounded where either policy gives an"
                            + " action almost no probability")
            double limit)
            implements CurateStep {}

    /** Rows are drawn from other datasets too. */
    @Setting(
            meaning = "draw from other datasets too: for each row of a batch first a dataset is drawn, with a"
                    + " probability in proportion to its weight, then a row of that dataset")
    record Mixture(
            @Setting(value = "1", range = "(0, inf)", meaning = "the weight of this subset")
            double weight,

            @Setting(meaning = "the other datasets") List<Source> others)
            implements CurateStep {
        /** @throws UserException if there is no other */
        public Mixture {
            if (others.isEmpty()) {
                throw new UserException("Cannot use mixture.others = []: there is nothing to mix; name a dataset");
            }
        }
    }

    /** Another dataset. */
    record Source(
            @Setting(meaning = "its output directory") Address out,

            @Setting(value = "all", meaning = "which of its subsets; one whose steps change no rows")
            String subset,

            @Setting(value = "1", range = "(0, inf)", meaning = "its weight")
            double weight) {
        /** @throws UserException if the directory holds a password */
        public Source {
            if (out.holdsSecret()) {
                throw new UserException(
                        "Cannot use out = " + out + ": the tables will name it, and a password in it would"
                                + " stand there; leave it out and give it to Hadoop (--spark spark.hadoop.fs.…)");
            }
        }
    }

    /** The best by return, in the short form. */
    static CurateStep best(double percent, @Nullable String groupColumn) {
        return new TopPercent(percent, groupColumn);
    }

    /** Its name in a conf file, for example {@code top-percent}. */
    default String name() {
        return Settings.caseName(asRecord().getClass());
    }

    /** Its settings, defaults included. */
    default Map<String, Object> settings() {
        return Settings.toMap(asRecord());
    }

    private Record asRecord() {
        return (Record) this; // every case is one
    }

    /** Whether it goes by rewards or changes them, so that they must have been logged. */
    default boolean readsRewards() {
        return readsReturns() || this instanceof Reward || this instanceof BehaviourBonus;
    }

    /** Whether it goes by the returns of episodes. */
    default boolean readsReturns() {
        return this instanceof TopPercent || this instanceof ReturnRange || this instanceof NormaliseReturns;
    }

    /** For messages: {@code top-percent percent 10.0}. */
    default String inWords() {
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
