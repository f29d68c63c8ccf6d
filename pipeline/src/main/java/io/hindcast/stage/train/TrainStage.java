package io.hindcast.stage.train;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.export.PolicyNames;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Judging;
import io.hindcast.run.Outcome;
import io.hindcast.run.Retention;
import io.hindcast.run.RunSpec;
import io.hindcast.run.RunSpec.Judged;
import io.hindcast.run.TrainingLoop;
import io.hindcast.score.PolicyEvaluation;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.DataBounds;
import io.hindcast.stage.EnvironmentFit;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.MemoryCheck;
import io.hindcast.stage.NamedPolicy;
import io.hindcast.stage.SharedRows;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.TrainTask;
import io.hindcast.stage.Turn;
import io.hindcast.stage.train.TrainConfig.Export;
import io.hindcast.stage.train.TrainConfig.TimeDelta;
import io.hindcast.table.Manifest;
import io.hindcast.table.MetricsTable;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.TransitionsTable;
import io.hindcast.table.UpToDate;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Trains every run as a Spark task of its own; each reads its subset, learns, and leaves checkpoints. */
public final class TrainStage {
    private TrainStage() {}

    /**
     * Publishes {@code runs} and {@code metrics}; checkpoints stand in {@code checkpoints/}. Runs that another attempt began
     * continue from their latest checkpoint, and finished ones are not repeated.
     *
     * @param environment where policies are judged while they are trained; needed for that only
     * @param mlflow where runs are logged to, too
     * @throws UserException if there is nothing to learn from, a subset is unknown, or other runs are published
     */
    public static StageResult run(
            StageContext context, @Nullable EnvironmentSpec environment, MlflowConfig mlflow, TrainConfig config) {
        var asked = config.decisive();
        if (config.acts()) {
            asked.put("environment", requireEnvironment(environment, "act").decisive());
        }
        // Two that train the same runs would do the work twice, and what one thins the other reads.
        return Turn.of(
                context,
                "train",
                "train",
                asked,
                () -> train(context, environment, mlflow, config, new HashMap<>(asked)));
    }

    private static StageResult train(
            StageContext context,
            @Nullable EnvironmentSpec environment,
            MlflowConfig mlflow,
            TrainConfig config,
            Map<String, Object> configuration) {
        var warehouse = context.warehouse();
        var there = warehouse.snapshot();
        var transitions = config.learnsFromData()
                ? Optional.of(there.require(TableName.TRANSITIONS))
                : Optional.<TableVersion>empty();
        var subsets = transitions.isPresent() && readsSubsets(config)
                ? Optional.of(there.require(TableName.SUBSETS))
                : Optional.<TableVersion>empty();
        var steps = subsets.map(version -> there.require(TableName.SUBSET_STEPS));
        var parents = new ArrayList<Manifest.Parent>();
        transitions.map(TableVersion::asParent).ifPresent(parents::add);
        subsets.map(TableVersion::asParent).ifPresent(parents::add);
        steps.map(TableVersion::asParent).ifPresent(parents::add);
        var logged = logged(context, transitions);
        if (logged.contains(Field.ACTION_MASK)) {
            configuration.put("action-masks", "used"); // An earlier hindcast did not look at them.
        }
        var judged = judged(context, config, transitions);
        if (!judged.isEmpty()) {
            var states = new TreeMap<String, String>();
            judged.forEach((name, policy) ->
                    states.put(name, Objects.requireNonNull(policy.checkpoint()).state()));
            configuration.put("judged", states);
        }
        var request = new Request("train", configuration, parents, List.of());
        var before = complete(warehouse, request);
        var damaged = before.map(version -> damaged(context, version)).orElse(List.of());
        damaged.forEach(problem ->
                context.progress().say("[train] " + problem + "; training goes on from the checkpoint before it"));
        if (before.isPresent() && damaged.isEmpty()) {
            transitions.ifPresent(version -> requireActions(
                    context,
                    RunsTable.ids(TableRows.of(warehouse, before.get())),
                    ActionSpaceConfig.ofManifest(version.manifest().configuration())));
            if (config.export() == Export.FINISHED) {
                PolicyExports.mend(context, before.get(), transitions);
            }
            TrackedRuns.retell(context, mlflow, request, transitions, subsets, before.get());
            return done(warehouse, before.get());
        }
        return train(
                context, environment, mlflow, config, request, logged, judged, transitions, subsets, steps, before);
    }

    private static StageResult train(
            StageContext context,
            @Nullable EnvironmentSpec environment,
            MlflowConfig mlflow,
            TrainConfig config,
            Request request,
            Set<Field> logged,
            Map<String, Judged> judged,
            Optional<TableVersion> transitions,
            Optional<TableVersion> subsets,
            Optional<TableVersion> steps,
            Optional<TableVersion> before) {
        var warehouse = context.warehouse();

        var spaces = spaces(warehouse, transitions, environment);
        if (config.acts()) {
            EnvironmentFit.require("act", requireEnvironment(environment, "act"), spaces, "the transitions have");
        }
        if (config.timeDelta() == TimeDelta.DISCOUNT && transitions.isPresent()) {
            requireTimes(warehouse.read(transitions.get()), config);
        }
        transitions.ifPresent(version -> DataBounds.require(spaces.actions(), warehouse.read(version)));
        var data = TrainingData.of(context, logged, transitions, subsets, steps);
        var rows = data.rows();
        var sizes = data.sizes();
        if (context.engine().isLocal()) {
            Nd4jKernels.require(
                    config.precision()); // Elsewhere the processors are others, and a run fails that finds none.
        }
        checkActions(config, spaces);
        transitions.ifPresent(version -> checkRewards(context, config, version, data.mixtures()));
        requireOneKindOfRows(config, data.transformations());
        var specs = data.specs(context, environment, config, request, spaces, judged);
        requireActions(context, specs.stream().map(RunSpec::id).toList(), spaces.actions());
        requireActions(
                context,
                specs.stream()
                        .map(RunSpec::warmStart)
                        .filter(Objects::nonNull)
                        .map(CheckpointRef::run)
                        .toList(),
                spaces.actions());
        var fit = MemoryCheck.of(context, config.cpusPerRun(), config.heapShareForData());
        var store = RunsTable.checkpoints(warehouse.root(), hadoop(context));
        fit.require(specs, spaces, store);
        if (context.engine().isLocal()) {
            var layout = RowLayout.of(spaces);
            for (var parts : rows.values()) {
                layout = layout.with(parts.layout(spaces).optional());
            }
            fit.requireDisk(Collections.max(sizes.values()), layout, SharedRows.localDirectory());
        }
        context.progress()
                .say("[train] " + specs.size() + " runs: "
                        + String.join(", ", config.runs().keySet()) + ", seeds " + config.seeds());
        var task = new TrainTask(
                "train",
                warehouse.root(),
                new SerializableConfiguration(hadoop(context)),
                spaces,
                rows,
                promised(warehouse, request),
                config.heapShareForData(),
                new Retention(config.keep().last(), config.keep().every()),
                config.acts() ? environment : null,
                ending(context, config, spaces, transitions),
                evaluation(environment, config, spaces),
                deadline(config));
        // A run that took its executor with it as often as Spark tries.
        BiFunction<RunSpec, Outcome.Failed, TrainingLoop.Result> lost =
                (spec, failed) -> TrainingLoop.failed(spec, store, failed);
        var results = TrackedRuns.of(context, mlflow, request, data, specs)
                .train(() -> FanOut.runEach(context, "[train] runs", config.cpusPerRun(), specs, task, lost));
        // Another job with the same output directory may have been faster.
        var publication = warehouse.begin(TableName.RUNS);
        var other = complete(warehouse, request);
        if (other.isPresent() && !other.equals(before)) {
            return done(warehouse, other.get());
        }

        TableVersion runs;
        try (publication) {
            publication.beside(TableName.METRICS, request, MetricsTable.rows(results));
            runs = publication.publish(request, RunsTable.rows(results, sizes, store));
        }
        var problems = RunsTable.problems(results);
        return new StageResult(
                false,
                runs + ": " + results.size() + " runs, " + (results.size() - problems.size()) + " finished",
                problems);
    }

    private static TrainTask.@Nullable Ending ending(
            StageContext context, TrainConfig config, Spaces spaces, Optional<TableVersion> transitions) {
        if (config.export() == Export.NEVER) {
            return null;
        }
        var root = context.warehouse().root();
        var hadoop = new SerializableConfiguration(hadoop(context));
        var names = transitions
                .map(version -> DatasetNames.of(version.manifest().configuration(), spaces))
                .orElse(PolicyNames.NONE);
        return last -> PolicyExports.write(root, hadoop.value(), last, spaces, names);
    }

    /** The published runs, if everything is published and no run is worth another try. */
    private static Optional<TableVersion> complete(Warehouse warehouse, Request request) {
        return new UpToDate(warehouse)
                .published(TableName.RUNS, request)
                .filter(runs -> warehouse.beside(runs, TableName.METRICS).isPresent())
                .filter(runs -> !RunsTable.anyFailed(TableRows.of(warehouse, runs)));
    }

    private static StageResult done(Warehouse warehouse, TableVersion runs) {
        return new StageResult(
                true, StageResult.upToDate(runs).summary(), RunsTable.problemsOf(TableRows.of(warehouse, runs)));
    }

    /** A line for every checkpoint of published runs that is not what they promise; all of them are read. */
    private static List<String> damaged(StageContext context, TableVersion runs) {
        var root = context.warehouse().root();
        var hadoop = new SerializableConfiguration(hadoop(context));
        var kept = RunsTable.kept(TableRows.of(context.warehouse(), runs));
        return kept.isEmpty()
                ? List.of()
                : FanOut.read(context, "[train] runs whose checkpoints are read", kept, run -> {
                            var store = RunsTable.checkpoints(root, hadoop.value());
                            var steps = run.areNoted() ? run.steps() : store.steps(run.run(), run.steps());
                            return steps.stream()
                                    .flatMap(step -> store.damage(run.run(), step).stream())
                                    .toList();
                        })
                        .stream()
                        .flatMap(List::stream)
                        .toList();
    }

    /** The updates after which published runs had kept checkpoints, by the id of the run. */
    private static Map<String, List<Long>> promised(Warehouse warehouse, Request request) {
        var promised = new HashMap<String, List<Long>>();
        complete(warehouse, request)
                .ifPresent(version -> RunsTable.kept(TableRows.of(warehouse, version))
                        .forEach(run -> promised.put(run.run(), run.steps())));
        return promised;
    }

    /**
     * Makes sure that runs learned from the actions that there are now: the fingerprint of rows does not tell, since bounds, and
     * how an index is written, are no part of them.
     */
    private static void requireActions(StageContext context, List<String> runs, ActionSpace actions) {
        var root = context.warehouse().root();
        var store = RunsTable.checkpoints(root, hadoop(context));
        for (var run : runs) {
            var spaces = store.spaces(run);
            if (spaces.isEmpty()) {
                continue;
            }
            var learned = spaces.get().actions();
            if (!learned.equals(actions)) {
                throw new UserException("Cannot go on from run " + run + " in " + root + ": it learned from " + learned
                        + ", and the data there now have " + actions + "; choose another --out, or remove " + root
                        + "/runs, " + root + "/metrics and " + root + "/checkpoints, and train again");
            }
        }
    }

    private static long deadline(TrainConfig config) {
        var runtime = config.maxRuntime();
        return runtime == null ? Long.MAX_VALUE : System.currentTimeMillis() + runtime.toMillis();
    }

    private static @Nullable PolicyEvaluation evaluation(
            @Nullable EnvironmentSpec environment, TrainConfig config, Spaces spaces) {
        if (config.evaluation().episodes() == 0) {
            return null;
        }
        var world = requireEnvironment(environment, "evaluate");
        EnvironmentFit.require("evaluate", world, spaces, "the transitions have");
        return new PolicyEvaluation(
                world, config.evaluation().episodes(), config.evaluation().seed());
    }

    private static EnvironmentSpec requireEnvironment(@Nullable EnvironmentSpec environment, String verb) {
        if (environment == null) {
            throw new UserException("Cannot " + verb + " in training: no environment is named; add environment ="
                    + " pointmass-medium to the conf file, or leave train.evaluation.episodes and online.steps at 0");
        }
        return environment;
    }

    private static Spaces spaces(
            Warehouse warehouse, Optional<TableVersion> transitions, @Nullable EnvironmentSpec environment) {
        if (transitions.isPresent()) {
            return ActionSpaceConfig.spaces(warehouse, transitions.get());
        }
        try (var world = requireEnvironment(environment, "act").open()) {
            return world.spaces();
        }
    }

    /** The policies that runs judge, by the name of the run. */
    private static Map<String, Judged> judged(
            StageContext context, TrainConfig config, Optional<TableVersion> transitions) {
        var judged = new HashMap<String, Judged>();
        if (config.runs().values().stream().allMatch(entry -> entry.judges() == null)) {
            return judged;
        }
        var spaces = ActionSpaceConfig.spaces(context.warehouse(), transitions.orElseThrow());
        var store = RunsTable.checkpoints(context.warehouse().root(), hadoop(context));
        config.runs().forEach((name, entry) -> {
            var judges = entry.judges();
            if (judges != null) {
                var policy = NamedPolicy.find(
                        store,
                        judges.run(),
                        judges.step(),
                        "judges of train.runs." + name,
                        checkpoint -> Judging.requireFit(checkpoint, spaces));
                judged.put(name, new Judged(policy, judges.actions(), judges.epsilon()));
            }
        });
        return judged;
    }

    /**
     * Makes sure that a run's own steps are made ready as those of its data are.
     *
     * @throws UserException if a run goes on online from a subset with a bonus that needs the behaviour policy
     */
    static void requireOneKindOfRows(TrainConfig config, Map<String, List<Transformation>> transformations) {
        config.runs().forEach((name, entry) -> {
            var hasBonus = transformations.getOrDefault(entry.subset(), List.of()).stream()
                    .anyMatch(Transformation.Bonus.class::isInstance);
            if (hasBonus && entry.online().steps() > 0) {
                throw new UserException("Cannot train " + name + ": it goes on online, and subset " + entry.subset()
                        + " has a behaviour-bonus, which steps of its own cannot get; set online.steps = 0, or curate a"
                        + " subset without the bonus");
            }
        });
    }

    /** Where the bootstrap stops nothing is discounted, and no time is needed. */
    private static void requireTimes(Dataset<Row> transitions, TrainConfig config) {
        var goesOn = config.truncationIsTerminal()
                ? not(col("terminated")).and(not(col("truncated")))
                : not(col("terminated"));
        var missing = transitions.where(col("time_delta").isNull().and(goesOn)).count();
        if (missing > 0) {
            throw new UserException("Cannot train with time-delta = discount: " + missing
                    + " transitions that do not terminate have no time_delta; ingest the log with columns.time or"
                    + " columns.time-delta, or use time-delta = ignore");
        }
    }

    private static void checkActions(TrainConfig config, Spaces spaces) {
        config.runs().keySet().forEach(name -> {
            try {
                var plan = config.plan(name);
                plan.settings().checkActions(spaces.actions());
                plan.online().checkActions(spaces.actions());
            } catch (UserException e) {
                throw new UserException(e.getMessage() + " (in train.runs." + name + ")", e);
            }
        });
    }

    private static void checkRewards(
            StageContext context, TrainConfig config, TableVersion transitions, Map<String, Mixture> mixtures) {
        config.runs().forEach((name, entry) -> {
            if (entry.subset().equals(RunSpec.NONE)
                    || !config.plan(name).settings().needsRewards()) {
                return;
            }
            var mixture = mixtures.get(entry.subset());
            var areLogged = LoggedRewards.areIn(transitions)
                    && (mixture == null
                            || mixture.others().stream()
                                    .allMatch(other -> LoggedRewards.areIn(new Warehouse(context.engine(), other.out())
                                            .require(other.transitions()))));
            if (!areLogged) {
                throw LoggedRewards.missing(
                        "train " + config.plan(name).learner() + " on subset " + entry.subset() + " (train.runs." + name
                                + ")",
                        "train behaviour-cloning, which needs none");
            }
        });
    }

    /** Whether any run learns from another subset than all transitions. */
    private static boolean readsSubsets(TrainConfig config) {
        return config.runs().values().stream().anyMatch(entry -> !entry.subset().equals(RunSpec.ALL));
    }

    /** What the data say besides what every row says; of vectors as actions no masks are looked for. */
    private static Set<Field> logged(StageContext context, Optional<TableVersion> transitions) {
        return transitions
                .filter(version ->
                        ActionSpaceConfig.ofManifest(version.manifest().configuration())
                                instanceof ActionSpace.Discrete)
                .map(version -> TransitionsTable.logged(context.warehouse(), version))
                .orElse(Set.of());
    }

    private static Configuration hadoop(StageContext context) {
        return context.engine().hadoop();
    }
}
