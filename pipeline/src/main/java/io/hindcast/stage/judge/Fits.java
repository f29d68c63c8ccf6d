package io.hindcast.stage.judge;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Fold;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.LogShape;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Outcome;
import io.hindcast.run.Retention;
import io.hindcast.run.RunSpec;
import io.hindcast.run.RunSpec.Judged;
import io.hindcast.run.TrainingLoop;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.MemoryCheck;
import io.hindcast.stage.SharedRows;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.TrainTask;
import io.hindcast.stage.TrainingRows;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.ReplayReader.Durations;
import io.hindcast.table.TableVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Trains the runs that estimates lean on as {@code train} does its own: each on all episodes but those of a fold. A run that is there is
 * not trained again, and one that was stopped goes on.
 */
final class Fits {
    /** Rows of metrics of a run: the half of its updates has one. */
    private static final int LOGS = 20;

    private static final double HEAP_SHARE = 0.5;

    private final StageContext context;
    private final JudgeConfig config;
    private final Log log;
    private final CheckpointStore store;
    private final List<Fold> folds;
    private final LogShape shape;
    private final Map<String, Planned> planned = new LinkedHashMap<>();
    private final List<Fit> done = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * What is learned from.
     *
     * @param subsets if there are some
     * @param logged which optional fields the rows have
     */
    record Log(TableVersion transitions, Optional<TableVersion> subsets, Spaces spaces, Set<Field> logged) {}

    private record Planned(RunSpec spec, Fold fold) {}

    /**
     * A run that finished.
     *
     * @param fold what it did not learn from
     */
    record Fit(Checkpoint checkpoint, Fold fold) {}

    /**
     * Trains what is not there.
     *
     * @param folds those that {@code shape} tells of
     * @param candidates whose values are learned
     * @throws UserException if a fold leaves nothing to learn from, or what is there learned from other actions
     */
    Fits(
            StageContext context,
            JudgeConfig config,
            Log log,
            CheckpointStore store,
            List<Fold> folds,
            LogShape shape,
            List<Candidate> candidates) {
        this.context = context;
        this.config = config;
        this.log = log;
        this.store = store;
        this.folds = folds;
        this.shape = shape;
        var models = config.models();
        if (models != null) {
            var learner = models.learner(config.discount());
            candidates.forEach(candidate -> judged(candidate.policy())
                    .ifPresent(policy -> plan("values of " + label(candidate), models, learner, policy.bounded())));
        }
        var cloning = config.cloning();
        if (cloning != null && (cloning.isOfAll() || shape.withoutProbability() > 0)) {
            plan("clone of what logged", cloning.fitting(), cloning.learner(), null);
        }
        train();
    }

    private static String label(Candidate candidate) {
        return candidate.name() + (candidate.step() == null ? "" : " after " + candidate.step() + " updates");
    }

    /** What learns the values of a policy is told of it; empty of one whose values are not learned. */
    static Optional<Judged> judged(JudgedPolicy policy) {
        if (policy instanceof JudgedPolicy.Trained trained) {
            return Optional.of(
                    new Judged(trained.checkpoint(), trained.actions(), trained.epsilon()).disturbed(trained.noise()));
        }
        if (policy instanceof JudgedPolicy.Always always) {
            return Optional.of(Judged.always(always.action()));
        }
        return policy instanceof JudgedPolicy.Uniform ? Optional.of(Judged.UNIFORM) : Optional.empty();
    }

    private void plan(String name, Fitting fitting, LearnerConfig learner, @Nullable Judged policy) {
        var data = log.transitions().manifest().fingerprint()
                + (config.isOfAll()
                        ? ""
                        : log.subsets().orElseThrow().manifest().fingerprint());
        for (var fold : fitting.parts()) {
            if (shape.stepsWithin(folds.indexOf(fold)) == 0) {
                throw new UserException("Cannot fit models in " + fitting.folds() + " folds: "
                        + "there are so few episodes that one fold has them all; judge by more of them");
            }
            var spec = new RunSpec(
                    name,
                    fold.othersOf(config.subset()),
                    data,
                    learner.name(),
                    Settings.toMap((Record) learner),
                    fold.index(),
                    fitting.updates(),
                    fitting.batchSize(),
                    1,
                    Math.max(1, fitting.updates() / LOGS),
                    fitting.checkpointEvery(),
                    false,
                    List.of(new Transformation.Standardise(shape.scaler())),
                    policy != null && config.durations() == Durations.LOGGED,
                    null,
                    null,
                    log.logged().contains(Field.ACTION_MASK),
                    policy,
                    null);
            planned.putIfAbsent(spec.id(), new Planned(spec, fold));
        }
    }

    private void train() {
        var diverged = new HashMap<String, String>();
        planned.keySet().forEach(id -> store.divergence(id).ifPresent(reason -> diverged.put(id, reason)));
        var missing = planned.values().stream()
                .map(Planned::spec)
                .filter(spec -> !diverged.containsKey(spec.id()))
                .filter(spec -> store.damage(spec.id(), spec.updates()).isPresent())
                .toList();
        var outcomes = missing.isEmpty() ? Map.<String, Outcome>of() : train(missing);
        planned.forEach((id, plan) -> {
            var outcome = outcomes.getOrDefault(id, new Outcome.Finished());
            if (outcome instanceof Outcome.Diverged divergence) {
                store.noteDivergence(id, divergence);
                diverged.put(id, divergence.reason());
            }
            var name = plan.spec().name() + " on " + plan.spec().subset() + ": ";
            if (diverged.containsKey(id)) {
                problems.add(name + "diverged: " + diverged.get(id) + "; change " + settings(plan.spec())
                        + ", or remove " + context.warehouse().root() + "/checkpoints/" + id + " to try these again");
            } else if (outcome instanceof Outcome.Finished) {
                var checkpoint = store.read(id, plan.spec().updates());
                requireActions(checkpoint);
                done.add(new Fit(checkpoint, plan.fold()));
            } else {
                problems.add(name + outcome.word() + ": " + outcome.reason());
            }
        });
    }

    private static String settings(RunSpec spec) {
        return spec.judges() == null ? "judge.cloning.settings" : "judge.models.settings";
    }

    private Map<String, Outcome> train(List<RunSpec> specs) {
        var warehouse = context.warehouse();
        var rows = new HashMap<String, TrainingRows>();
        for (var fold : folds) {
            rows.put(fold.othersOf(config.subset()), rows(fold));
        }
        var memory = MemoryCheck.of(context, 1, HEAP_SHARE);
        memory.require(specs, log.spaces(), store);
        if (context.engine().isLocal()) {
            var layout = RowLayout.of(log.spaces());
            for (var part : rows.values()) {
                layout = layout.with(part.layout(log.spaces()).optional());
            }
            memory.requireDisk(shape.steps(), layout, SharedRows.localDirectory());
        }
        context.progress()
                .say("[judge] " + specs.size() + " runs that estimates lean on"
                        + (specs.size() == planned.size()
                                ? ""
                                : ", " + (planned.size() - specs.size()) + " more were trained before"));
        var task = new TrainTask(
                "judge",
                warehouse.root(),
                new SerializableConfiguration(warehouse.hadoop()),
                log.spaces(),
                rows,
                Map.of(),
                HEAP_SHARE,
                new Retention(1, Integer.MAX_VALUE),
                null,
                null,
                null,
                Long.MAX_VALUE);
        BiFunction<RunSpec, Outcome.Failed, TrainingLoop.Result> lost =
                (spec, failed) -> TrainingLoop.failed(spec, store, failed);
        var outcomes = new HashMap<String, Outcome>();
        FanOut.runEach(context, "[judge] runs", 1, specs, task, lost)
                .forEach(result -> outcomes.put(result.spec().id(), result.outcome()));
        return outcomes;
    }

    private TrainingRows rows(Fold without) {
        var warehouse = context.warehouse();
        return new TrainingRows(
                List.of(new ReplayReader(
                        warehouse.files(log.transitions()),
                        config.isOfAll()
                                ? List.of()
                                : warehouse.files(log.subsets().orElseThrow()),
                        config.subset(),
                        Math.toIntExact(shape.stepsWithin(folds.indexOf(without))),
                        log.logged(),
                        without)),
                List.of(1.0));
    }

    /** The fingerprint of rows does not tell: bounds, and how an index is written, are no part of them. */
    private void requireActions(Checkpoint checkpoint) {
        if (!checkpoint.spaces().equals(log.spaces())) {
            var id = checkpoint.spec().id();
            throw new UserException("Cannot use run " + id + ": it learned from " + checkpoint.spaces()
                    + ", and the data there now have " + log.spaces() + "; remove "
                    + context.warehouse().root() + "/checkpoints/" + id + ", and it is trained again");
        }
    }

    /** The runs that finished. */
    List<Fit> done() {
        return done;
    }

    /** A line for each that did not. */
    List<String> problems() {
        return problems;
    }
}
