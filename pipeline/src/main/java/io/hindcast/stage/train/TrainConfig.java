package io.hindcast.stage.train;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.kernel.Precision;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.Preset;
import io.hindcast.run.ActingPolicy;
import io.hindcast.run.OnlineConfig;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.FileNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What to train: one run for every entry of {@code runs} and every seed. */
public record TrainConfig(
        @Setting(value = "[1, 2, 3]", range = "[0, inf)", meaning = "one run for each seed")
        List<Long> seeds,

        @Setting(value = "50000", range = "[1, inf)", meaning = "gradient updates of a run")
        long updates,

        @Setting(value = "256", range = "[1, 1000000]", meaning = "transitions in a batch, drawn with replacement")
        int batchSize,

        @Setting(
                value = "float32",
                meaning =
                        "of the factors of the networks' matrix products; bfloat16 keeps 8 bits of a factor and makes wide"
                                + " networks faster on processors with AVX512_BF16 or AMX; bfloat16-hidden does, too, but"
                                + " leaves observations and actions as they are where a network takes them in. Sums, parameters,"
                                + " losses and all else stay float32")
        Precision precision,

        @Setting(value = "500", range = "[1, inf)", meaning = "updates between two rows of metrics")
        long logEvery,

        @Setting(value = "5000", range = "[1, inf)", meaning = "updates between two checkpoints, which evaluate plays")
        long checkpointEvery,

        @Setting(
                value = "false",
                meaning = "whether a truncated row stops the bootstrap like a terminated one, as in some course data")
        boolean truncationIsTerminal,

        @Setting(
                value = "ignore",
                meaning = "ignore: every transition counts as one step; discount: a transition lasts its logged"
                        + " time_delta, and the value after it is multiplied by discount^time_delta")
        TimeDelta timeDelta,

        @Setting(
                value = "never",
                meaning = "never: every run starts from newly drawn parameters; previous: a run starts from the final"
                        + " parameters of the run with the same name and seed on the previous version of the"
                        + " data, if that run finished")
        WarmStart warmStart,

        @Setting(value = "{}", meaning = "which checkpoints are kept")
        Keep keep,

        @Setting(value = "{}", meaning = "how policies are evaluated during training")
        Evaluation evaluation,

        @Setting(
                value = "finished",
                meaning = "whose policies are exported, to ONNX and Deeplearning4j: finished runs, or none (never)")
        Export export,

        @Setting(
                value = "null",
                meaning = "after this time of training, runs stop and write a checkpoint; null: no limit")
        @Nullable Duration maxRuntime,

        @Setting(
                value = "0.5",
                range = "[0, 1]",
                meaning = "the share of an executor's heap that training data may take; larger data are read from a"
                        + " memory-mapped file on the executor's local disk")
        double heapShareForData,

        @Setting(
                value = "1",
                range = "[1, 1024]",
                meaning = "cores that a run reserves in an executor; with more cores fewer runs share the memory, but"
                        + " each run computes on one core. No effect with a local master: set"
                        + " spark.task.cpus there")
        int cpusPerRun,

        @Setting(
                meaning = "what is trained, by name: { NAME { learner = …, subset = …, settings { … } } }, or"
                        + " { NAME { preset = … } }. If the data have action masks, learners and policies"
                        + " choose among the possible actions only")
        Map<String, Entry> runs) {

    /** Keys that change what is seen or kept of the runs, but not what they learn. */
    private static final List<String> NOT_DECISIVE =
            List.of("keep", "evaluation", "export", "max-runtime", "heap-share-for-data", "cpus-per-run");

    /** The configuration without what may be changed for runs that have begun. */
    Map<String, Object> decisive() {
        var map = Settings.toMap(this);
        map.keySet().removeAll(NOT_DECISIVE);
        if (precision == Precision.FLOAT32) {
            map.remove("precision"); // An earlier hindcast had no other.
        }
        return map;
    }

    /** Whether any run learns from transitions that are there already. */
    boolean learnsFromData() {
        return runs.values().stream().anyMatch(entry -> !entry.subset().equals(RunSpec.NONE));
    }

    /** Whether any run acts. */
    boolean acts() {
        return runs.values().stream().anyMatch(entry -> entry.online().steps() > 0);
    }

    /** Whose policies are exported. */
    public enum Export {
        FINISHED,
        NEVER
    }

    /** What a run begins with. */
    public enum WarmStart {
        /** Parameters of its own. */
        NEVER,
        /** Those of its predecessor. */
        PREVIOUS
    }

    /** Which checkpoints are kept: besides these the best one, if there are evaluations, and the final one. */
    public record Keep(
            @Setting(value = "1", range = "[1, inf)", meaning = "how many of the latest checkpoints")
            int last,

            @Setting(
                    value = "1",
                    range = "[1, inf)",
                    meaning = "besides, one checkpoint in this many, counted from update 0; 1 keeps all")
            int every) {}

    /** How policies are judged while they are trained. */
    public record Evaluation(
            @Setting(
                    value = "0",
                    range = "[0, 10000]",
                    meaning = "episodes that every checkpoint plays in the environment as soon as it is written; their"
                            + " mean"
                            + " return is logged as evaluation/return")
            int episodes,

            @Setting(value = "2000", range = "[0, inf)", meaning = "seed of those episodes, the same for all runs")
            long seed) {}

    /** What becomes of the column {@code time_delta}. */
    public enum TimeDelta {
        /** Nothing: steps count. */
        IGNORE,
        /** It is the exponent of the discount. */
        DISCOUNT
    }

    /**
     * One learner on one subset. What it leaves open of {@code learner}, {@code updates}, {@code batchSize}, {@code nStep} and
     * the keys of {@code settings} is taken from its preset, if it names one; after construction all of these stand in it.
     */
    public record Entry(
            @Setting(value = "null", meaning = "published settings, by name; the other keys here override them")
            @Nullable String preset,

            @Setting(value = "null", meaning = "which algorithm; required without a preset") @Nullable String learner,

            @Setting(
                    value = "all",
                    meaning = "the subset it learns from, see curate; none: no dataset, the run learns from its own"
                            + " experience only, see online")
            String subset,

            @Setting(
                    value = "null",
                    range = "[1, inf)",
                    meaning = "gradient updates of the run; null: as in the preset, or else train.updates")
            @Nullable Long updates,

            @Setting(
                    value = "null",
                    range = "[1, 1000000]",
                    meaning = "transitions in a batch; null: as in the preset, or else train.batch-size")
            @Nullable Integer batchSize,

            @Setting(
                    value = "null",
                    range = "[1, 1000]",
                    meaning = "number of rewards that a target sums before it bootstraps; null: as in the preset, or"
                            + " else 1")
            @Nullable Integer nStep,

            @Setting(
                    value = "{}",
                    meaning = "how the run acts in the environment, after its updates on the subset, and learns from"
                            + " that")
            OnlineConfig online,

            @Setting(value = "null", meaning = "the policy whose values it learns, for learner = fqe") @Nullable ActingPolicy judges,

            @Setting(value = "{}", meaning = "the learner's settings")
            ConfigObject settings,

            @Setting(
                    value = "{}",
                    meaning = "settings with a list of values each: { expectile = [0.7, 0.9] } makes two entries,"
                            + " NAME-expectile-0.7 and NAME-expectile-0.9; several keys make all combinations")
            ConfigObject sweep) {

        /** @throws UserException if there is no such preset, or it is of another learner */
        public Entry {
            if (preset != null) {
                var published = Preset.named(preset);
                if (learner != null && !learner.equals(published.learner())) {
                    throw new UserException("Cannot use learner = " + learner + " with preset = " + preset
                            + ": the preset is of " + published.learner() + "; remove one of the two");
                }
                learner = published.learner();
                updates = Objects.requireNonNullElse(updates, published.updates());
                batchSize = Objects.requireNonNullElse(batchSize, published.batchSize());
                nStep = Objects.requireNonNullElse(nStep, published.nStep());
                settings = renamed(learner, settings).withFallback(published.settings());
            }
            if (learner == null) {
                throw new UserException("Cannot train without a learner: neither learner nor preset is given;"
                        + " add one of them, see train --help");
            }
            if (subset.equals(RunSpec.NONE) && online.steps() == 0) {
                throw new UserException("Cannot train on subset = none: the run does not act either; set online.steps,"
                        + " or name a subset");
            }
        }

        /** With the names that a learner's keys have now, so that one set of settings can be laid over another. */
        private static ConfigObject renamed(@Nullable String learner, ConfigObject settings) {
            var type = learner == null ? null : LearnerConfig.LEARNERS.get(learner);
            return type == null ? settings : Settings.renamed(type, settings, "settings");
        }

        /** The same with these settings in the place of its own, and no sweep. */
        Entry with(ConfigObject values) {
            return new Entry(
                    preset,
                    learner,
                    subset,
                    updates,
                    batchSize,
                    nStep,
                    online,
                    judges,
                    renamed(learner, values).withFallback(renamed(learner, settings)),
                    ConfigFactory.empty().root());
        }
    }

    /**
     * What is trained under one name, with nothing left open.
     *
     * @param learner the learner's name
     * @param settings all its settings
     * @param updates how many updates on the subset
     * @param batchSize rows of a batch
     * @param nStep steps whose rewards a target sums up before it bootstraps
     * @param online how it goes on after these updates
     * @param judges the policy whose values it learns; null: it learns a policy of its own
     */
    public record Plan(
            String learner,
            LearnerConfig settings,
            long updates,
            int batchSize,
            int nStep,
            OnlineConfig online,
            @Nullable ActingPolicy judges) {}

    /** @throws UserException if nothing is to be trained, or a learner's settings are wrong */
    public TrainConfig {
        if (maxRuntime != null && (maxRuntime.isZero() || maxRuntime.isNegative())) {
            throw new UserException("Cannot use max-runtime = " + maxRuntime.toMillis() + "ms: it must be above 0");
        }
        if (runs.isEmpty() || seeds.isEmpty()) {
            throw new UserException("Cannot train nothing: runs and seeds must have an entry each; see train --help");
        }
        if (seeds.stream().distinct().count() != seeds.size()) {
            throw new UserException("Cannot use seeds = " + seeds + ": seeds contains a duplicate; remove it");
        }
        FileNames.require("train.runs", FileNames.LONGEST, runs.keySet());
        runs = Sweep.expand(runs);
        FileNames.require("train.runs", FileNames.LONGEST_OF_A_SWEEP, runs.keySet());
        runs.values()
                .forEach(entry -> FileNames.requireShort("subset of train.runs", FileNames.LONGEST, entry.subset()));
        for (var run : runs.entrySet()) {
            requireWhoseValues(run.getKey(), plan(run.getKey(), run.getValue(), updates, batchSize));
            requireOneKindOfTime(run.getKey(), run.getValue(), timeDelta);
        }
    }

    /** A learner of values only judges a policy, and has none that could act. */
    private static void requireWhoseValues(String name, Plan plan) {
        if (plan.settings().learnsPolicy()) {
            if (plan.judges() != null) {
                throw new UserException("Cannot use judges in train.runs." + name + ": its learner, " + plan.learner()
                        + ", learns a policy of its own; remove judges, or use learner = fqe");
            }
        } else if (plan.judges() == null) {
            throw new UserException(
                    "Cannot train " + name + ": its learner, " + plan.learner()
                            + ", learns the values of a policy, and none is named; add judges { run = OUT/checkpoints/RUN_ID }");
        } else if (plan.online().steps() > 0) {
            throw new UserException("Cannot train " + name + " online: its learner, " + plan.learner()
                    + ", learns values only and has no policy that acts; set online.steps = 0");
        } else if (plan.nStep() > 1) {
            throw new UserException(
                    "Cannot use n-step = " + plan.nStep() + " in train.runs." + name
                            + ": between its first and its last step the data's policy acts, not the judged one; use n-step = 1");
        }
    }

    /** A run that only acts has no rows but its own, all of which take one step. */
    private static void requireOneKindOfTime(String name, Entry entry, TimeDelta timeDelta) {
        if (timeDelta == TimeDelta.DISCOUNT
                && entry.online().steps() > 0
                && !entry.subset().equals(RunSpec.NONE)) {
            throw new UserException("Cannot train " + name + " with time-delta = discount: it goes on online, and its"
                    + " own steps have no time_delta; set online.steps = 0, or use time-delta = ignore");
        }
    }

    /** What is trained under {@code name}: as its entry or else its preset says, and where both are silent, this section. */
    public Plan plan(String name) {
        return plan(name, Objects.requireNonNull(runs.get(name)), updates, batchSize);
    }

    private static Plan plan(String name, Entry entry, long updates, int batchSize) {
        var learner = Objects.requireNonNull(entry.learner());
        return new Plan(
                learner,
                LearnerConfig.read(learner, entry.settings().toConfig(), "train.runs." + name + ".settings"),
                entry.subset().equals(RunSpec.NONE) ? 0 : Objects.requireNonNullElse(entry.updates(), updates),
                Objects.requireNonNullElse(entry.batchSize(), batchSize),
                Objects.requireNonNullElse(entry.nStep(), 1),
                entry.online(),
                entry.judges());
    }
}
