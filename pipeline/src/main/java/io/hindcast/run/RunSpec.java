package io.hindcast.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Json;
import io.hindcast.config.Settings;
import io.hindcast.config.Sha256;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Precision;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.net.Actor;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides the outcome of a run: submit the same specification again and it is the same run, to the byte.
 *
 * @param name the run group in the conf file, for people
 * @param subset the curated subset it learns from
 * @param subsetFingerprint the content of that subset and of the transitions behind it
 * @param learner the learner's name, see {@link LearnerConfig#LEARNERS}
 * @param settings the learner's resolved settings
 * @param seed the run's seed
 * @param updates how many updates, those of acting included
 * @param batchSize rows of a batch
 * @param nStep steps whose rewards a target sums up before it bootstraps
 * @param logEvery updates between two rows of metrics
 * @param checkpointEvery updates between two checkpoints
 * @param truncationIsTerminal whether truncated rows stop the bootstrap, as some courses have it
 * @param transformations what is done to the rows first, in order
 * @param timeDiscount whether a transition is discounted by {@code discount^time_delta}, not as one step
 * @param warmStart the checkpoint of a run of the same learner and spaces whose parameters it begins with; null: it draws its own
 * @param online how it acts and goes on learning after its updates on the dataset; null: it stays offline
 * @param actionMasks whether it learns from which discrete actions were possible, since the data say so
 * @param judges the policy whose values it learns; null: it learns a policy of its own
 * @param rounded the precision of its networks' products; null: float32
 */
public record RunSpec(
        String name,
        String subset,
        String subsetFingerprint,
        String learner,
        Map<String, Object> settings,
        long seed,
        long updates,
        int batchSize,
        int nStep,
        long logEvery,
        long checkpointEvery,
        boolean truncationIsTerminal,
        // Left out where they change nothing, so that such runs have the id that they had before there were these.
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Transformation> transformations,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean timeDiscount,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable CheckpointRef warmStart,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Online online,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean actionMasks,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Judged judges,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("precision") @Nullable Precision rounded)
        implements Serializable {
    /** The subset of every transition. */
    public static final String ALL = "all";

    /** The subset of no transition: of runs that learn only from what they collect themselves. */
    public static final String NONE = "none";

    /**
     * How a run acts.
     *
     * @param environment where, with all that decides what it does
     * @param offlineUpdates how many updates come before it
     * @param settings see {@link OnlineConfig}
     */
    public record Online(Map<String, Object> environment, long offlineUpdates, Map<String, Object> settings)
            implements Serializable {
        /** The settings as their own record. */
        public OnlineConfig config() {
            return Settings.read(OnlineConfig.class, ConfigFactory.parseMap(settings), "online");
        }
    }

    /**
     * A policy that is judged.
     *
     * @param checkpoint which holds it; null: it is in none, since it does the same everywhere
     * @param actions which of its actions is taken
     * @param epsilon with this probability it is a uniformly random one instead
     * @param action of a policy in no checkpoint, the discrete action that it takes; null: it takes any
     * @param noise standard deviation of normal noise on its own vectors, in units of half their range
     * @param isBounded whether values are held between what rewards in the data can add up to at least and at most
     */
    public record Judged(
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable CheckpointRef checkpoint,

            Actor.Preference actions,
            double epsilon,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer action,

            @JsonInclude(JsonInclude.Include.NON_DEFAULT) double noise,

            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean isBounded)
            implements Serializable {
        /** All possible actions alike. */
        public static final Judged UNIFORM = new Judged(null, Actor.Preference.GREEDY, 1, null, 0, false);

        /** That of a checkpoint. */
        public Judged(CheckpointRef checkpoint, Actor.Preference actions, double epsilon) {
            this(checkpoint, actions, epsilon, null, 0, false);
        }

        /** Always the same discrete action. */
        public static Judged always(int action) {
            return new Judged(null, Actor.Preference.GREEDY, 0, action, 0, false);
        }

        /** The same with values held where rewards can take them. */
        public Judged bounded() {
            return new Judged(checkpoint, actions, epsilon, action, noise, true);
        }

        /** The same with noise on its own vectors, of this standard deviation. */
        public Judged disturbed(double deviation) {
            return new Judged(checkpoint, actions, epsilon, action, deviation, isBounded);
        }

        /** In the words of a conf file. */
        public Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            if (checkpoint != null) {
                map.put("run", checkpoint.run());
                map.put("step", checkpoint.step());
            }
            if (action != null) {
                map.put("action", action);
            }
            map.put("actions", actions.name().toLowerCase(Locale.ROOT));
            map.put("epsilon", epsilon);
            if (noise > 0) {
                map.put("noise", noise);
            }
            return map;
        }
    }

    /** A run that stays offline; see the components. */
    public RunSpec(
            String name,
            String subset,
            String subsetFingerprint,
            String learner,
            Map<String, Object> settings,
            long seed,
            long updates,
            int batchSize,
            int nStep,
            long logEvery,
            long checkpointEvery,
            boolean truncationIsTerminal,
            List<Transformation> transformations,
            boolean timeDiscount,
            @Nullable CheckpointRef warmStart) {
        this(
                name,
                subset,
                subsetFingerprint,
                learner,
                settings,
                seed,
                updates,
                batchSize,
                nStep,
                logEvery,
                checkpointEvery,
                truncationIsTerminal,
                transformations,
                timeDiscount,
                warmStart,
                null);
    }

    /** A run from data without action masks; see the components. */
    public RunSpec(
            String name,
            String subset,
            String subsetFingerprint,
            String learner,
            Map<String, Object> settings,
            long seed,
            long updates,
            int batchSize,
            int nStep,
            long logEvery,
            long checkpointEvery,
            boolean truncationIsTerminal,
            List<Transformation> transformations,
            boolean timeDiscount,
            @Nullable CheckpointRef warmStart,
            @Nullable Online online) {
        this(
                name,
                subset,
                subsetFingerprint,
                learner,
                settings,
                seed,
                updates,
                batchSize,
                nStep,
                logEvery,
                checkpointEvery,
                truncationIsTerminal,
                transformations,
                timeDiscount,
                warmStart,
                online,
                false,
                null,
                null);
    }

    /** Lists are copied; one that is absent in JSON is empty. */
    public RunSpec {
        rounded = rounded == Precision.FLOAT32 ? null : rounded;
        transformations = List.copyOf(Objects.requireNonNullElse(transformations, List.of()));
    }

    /** A name for people, unique by a hash of all that decides the outcome: {@code iql-all-s1-3f9ac2d10b7e}. */
    public String id() {
        var decisive = with("", updates, online, judges);
        // The id is also the name of a directory.
        return learner + "-" + subset.replaceAll("[^A-Za-z0-9._-]", "_") + "-s" + seed + "-"
                + Sha256.of(decisive.toJson()).substring(0, 12);
    }

    /** The next update after {@code step} that has a checkpoint on schedule. */
    long scheduledAfter(long step) {
        return Math.min((step / checkpointEvery + 1) * checkpointEvery, updates);
    }

    /** Whether a run that is not interrupted writes a checkpoint after {@code step} updates. */
    public boolean isScheduled(long step) {
        return step % checkpointEvery == 0 || step == updates;
    }

    /**
     * The run that does what this one does before it acts, and ends there: whoever has trained that one need not do it again. Empty
     * if this one does not act, acts from the beginning, or has learning rates that follow all its updates, the later ones too.
     */
    Optional<RunSpec> offlineHalf() {
        if (online == null || online.offlineUpdates() == 0 || followsLength(settings)) {
            return Optional.empty();
        }
        return Optional.of(with(name, online.offlineUpdates(), null, judges));
    }

    /** The same, which learns the values of {@code policy}. */
    public RunSpec judging(Judged policy) {
        return with(name, updates, online, policy);
    }

    /** The precision of its networks' products. */
    public Precision precision() {
        return Objects.requireNonNullElse(rounded, Precision.FLOAT32);
    }

    /** The same with products of another precision. */
    public RunSpec in(Precision other) {
        return with(name, updates, online, judges, other);
    }

    private RunSpec with(String other, long count, @Nullable Online acting, @Nullable Judged judging) {
        return with(other, count, acting, judging, rounded);
    }

    private RunSpec with(
            String other, long count, @Nullable Online acting, @Nullable Judged judging, @Nullable Precision products) {
        return new RunSpec(
                other,
                subset,
                subsetFingerprint,
                learner,
                settings,
                seed,
                count,
                batchSize,
                nStep,
                logEvery,
                checkpointEvery,
                truncationIsTerminal,
                transformations,
                timeDiscount,
                warmStart,
                acting,
                actionMasks,
                judging,
                products);
    }

    private static boolean followsLength(Map<?, ?> settings) {
        return settings.entrySet().stream()
                .anyMatch(setting -> setting.getValue() instanceof Map<?, ?> inner
                        ? followsLength(inner)
                        : setting.getKey().equals("schedule")
                                && !setting.getValue().equals("constant"));
    }

    /** Whether a run logs after {@code step} updates. */
    boolean isLogged(long step) {
        return step % logEvery == 0 || step == updates;
    }

    /** The names of the learners that learn no policy of their own, but values only. */
    public static List<String> learnersOfValues() {
        return LearnerConfig.LEARNERS.keySet().stream()
                .filter(name -> !LearnerConfig.learnsPolicy(name))
                .toList();
    }

    /** The learner's settings as its own record. */
    public LearnerConfig config() {
        return LearnerConfig.read(learner, ConfigFactory.parseMap(settings), name);
    }

    /** As canonical JSON: sorted keys, no spaces. */
    public String toJson() {
        try {
            return Json.CANONICAL.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@link #toJson} wrote. */
    public static RunSpec fromJson(String json) {
        try {
            return Json.CANONICAL.readValue(json, RunSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot read a run specification: " + e.getOriginalMessage(), e);
        }
    }
}
