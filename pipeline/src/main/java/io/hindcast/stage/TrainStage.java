package io.hindcast.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.run.Outcome;
import io.hindcast.run.RewardBonus;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import io.hindcast.stage.TrainConfig.TimeDelta;
import io.hindcast.table.MetricsTable;
import io.hindcast.table.ReplayColumn;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/** Trains every run as a Spark task of its own; each reads its subset, learns, and leaves checkpoints. */
public final class TrainStage {
    private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;

    private TrainStage() {}

    /**
     * Publishes {@code runs} and {@code metrics}; checkpoints stand in {@code checkpoints/}. Runs that another attempt began
     * continue from their latest checkpoint, and finished ones are not repeated.
     *
     * @throws UserException if there is nothing to learn from, a subset is unknown, or other runs are published
     */
    public static StageResult run(StageContext context, TrainConfig config) {
        var warehouse = context.warehouse();
        var transitions = warehouse.require(TableName.TRANSITIONS);
        var subsets = subsets(context, transitions, config);
        var steps = subsets.map(version -> warehouse.requireBeside(version, TableName.SUBSET_STEPS));
        var parents = new ArrayList<>(List.of(transitions.asParent()));
        subsets.map(TableVersion::asParent).ifPresent(parents::add);
        steps.map(TableVersion::asParent).ifPresent(parents::add);
        var request = new Request("train", Settings.toMap(config), parents, List.of());
        var published = warehouse.published(TableName.RUNS, request);
        if (published.isPresent()
                && warehouse.published(TableName.METRICS, request).isPresent()) {
            var problems = RunsTable.problems(warehouse.read(published.get()));
            if (!RunsTable.anyFailed(warehouse.read(published.get()))) {
                return new StageResult(
                        true, StageResult.upToDate(published.get()).summary(), problems);
            }
        }

        var spaces = ActionSpaceConfig.spaces(warehouse, transitions);
        if (config.timeDelta() == TimeDelta.DISCOUNT) {
            requireTimes(warehouse.read(transitions));
        }
        var sizes = subsets.map(version -> subsetSizes(context, version))
                .orElseGet(() -> Map.of(CurateConfig.ALL, transitions.manifest().rows()));
        checkActions(config, spaces);
        var transformations = transformations(context, steps, sizes.keySet());
        var specs = specs(config, transitions, subsets, sizes, transformations);
        context.progress()
                .say("[train] " + specs.size() + " runs: "
                        + String.join(", ", config.runs().keySet()) + ", seeds " + config.seeds());
        var results = FanOut.run(context, "[train] runs", specs, task(context, spaces, transitions, subsets, sizes));

        var store = RunsTable.checkpoints(warehouse.root(), hadoop(context));
        var runs = warehouse.publish(TableName.RUNS, request, RunsTable.frame(context.spark(), results, sizes, store));
        warehouse.publish(TableName.METRICS, request, MetricsTable.frame(context.spark(), results));
        var problems = RunsTable.problems(warehouse.read(runs));
        return new StageResult(
                false,
                runs + ": " + results.size() + " runs, " + (results.size() - problems.size()) + " finished",
                problems);
    }

    private static Function<RunSpec, TrainingLoop.Result> task(
            StageContext context,
            Spaces spaces,
            TableVersion transitions,
            Optional<TableVersion> subsets,
            Map<String, Long> sizes) {
        var hadoop = new SerializableConfiguration(hadoop(context));
        var root = context.warehouse().root();
        var readers = new HashMap<String, ReplayReader>();
        sizes.forEach((subset, rows) -> readers.put(
                subset,
                new ReplayReader(
                        transitions.files(),
                        subset.equals(CurateConfig.ALL)
                                ? List.of()
                                : subsets.orElseThrow().files(),
                        subset,
                        Math.toIntExact(rows))));
        return spec -> {
            try {
                var truncation =
                        spec.truncationIsTerminal() ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
                var reader = Objects.requireNonNull(readers.get(spec.subset()));
                var data = reader.read(hadoop.value(), spaces, truncation);
                if (spec.timeDiscount()) {
                    data.takeTime(ReplayColumn.read(hadoop.value(), reader, "time_delta"));
                }
                transform(data, spec.transformations(), reader, hadoop.value());
                data.foldSteps(spec.nStep(), spec.config().discount());
                return TrainingLoop.run(spec, data, RunsTable.checkpoints(root, hadoop.value()), new Lines(spec));
            } catch (RuntimeException e) {
                // One run's trouble is a row of the report; the others go on.
                return new TrainingLoop.Result(spec, new Outcome.Failed(String.valueOf(e)), 0, 0, List.of());
            }
        };
    }

    private static void transform(
            ReplayBuffer data, List<Transformation> transformations, ReplayReader reader, Configuration hadoop) {
        for (var transformation : transformations) {
            if (transformation instanceof Transformation.Bonus bonus) {
                var behaviour = ReplayColumn.read(hadoop, reader, "behaviour_log_prob");
                RewardBonus.add(bonus, RewardBonus.checkpoint(bonus, hadoop), data, behaviour);
            } else {
                data.transform(transformation);
            }
        }
    }

    private static void requireTimes(Dataset<Row> transitions) {
        var missing = transitions.where(col("time_delta").isNull()).count();
        if (missing > 0) {
            throw new UserException("Cannot train with time-delta = discount: " + missing
                    + " transitions have no time_delta; ingest the log with its times, or use time-delta = ignore");
        }
    }

    /** Tells the driver how a run goes, every few seconds. */
    private static final class Lines implements TrainingLoop.Listener {
        private final RunSpec spec;
        private long next;

        Lines(RunSpec spec) {
            this.spec = spec;
        }

        @Override
        public void progress(long step, double updatesPerSecond, double loss) {
            var now = System.nanoTime();
            if (now < next && step < spec.updates()) {
                return;
            }
            next = now + NANOS_BETWEEN_LINES;
            RunMessages.send(String.format(
                    Locale.ROOT,
                    "[train] %s on %s, seed %d: %,d of %,d updates, %,.0f/s, %.0f s left, loss %.4g",
                    spec.name(),
                    spec.subset(),
                    spec.seed(),
                    step,
                    spec.updates(),
                    updatesPerSecond,
                    (spec.updates() - step) / updatesPerSecond,
                    loss));
        }

        @Override
        public void starts(long step, String kernels) {
            RunMessages.send(String.format(
                    Locale.ROOT,
                    "[train] %s on %s, seed %d: starts after update %,d, products by %s",
                    spec.name(),
                    spec.subset(),
                    spec.seed(),
                    step,
                    kernels));
        }

        @Override
        public void warning(long step, String text) {
            RunMessages.send(String.format(
                    Locale.ROOT,
                    "[train] %s on %s, seed %d: warning at update %,d: %s",
                    spec.name(),
                    spec.subset(),
                    spec.seed(),
                    step,
                    text));
        }

        @Override
        public boolean stopRequested() {
            return TaskContext.get().isInterrupted();
        }
    }

    private static void checkActions(TrainConfig config, Spaces spaces) {
        config.runs().keySet().forEach(name -> {
            try {
                config.plan(name).settings().checkActions(spaces.actions());
            } catch (UserException e) {
                throw new UserException(e.getMessage() + " (in train.runs." + name + ")", e);
            }
        });
    }

    /** Every run, costliest first so that no long one starts last. */
    private static List<RunSpec> specs(
            TrainConfig config,
            TableVersion transitions,
            Optional<TableVersion> subsets,
            Map<String, Long> sizes,
            Map<String, List<Transformation>> transformations) {
        var all = transitions.manifest().fingerprint();
        var specs = new ArrayList<RunSpec>();
        config.runs().forEach((name, entry) -> {
            if (!sizes.containsKey(entry.subset())) {
                throw Settings.unknown(
                        "subset", entry.subset(), List.copyOf(sizes.keySet()), " (in train.runs." + name + ")");
            }
            var plan = config.plan(name);
            var data = entry.subset().equals(CurateConfig.ALL)
                    ? all
                    : all + subsets.orElseThrow().manifest().fingerprint();
            for (var seed : config.seeds()) {
                specs.add(new RunSpec(
                        name,
                        entry.subset(),
                        data,
                        plan.learner(),
                        Settings.toMap((Record) plan.settings()),
                        seed,
                        plan.updates(),
                        plan.batchSize(),
                        plan.nStep(),
                        config.logEvery(),
                        config.checkpointEvery(),
                        config.truncationIsTerminal(),
                        transformations.getOrDefault(entry.subset(), List.of()),
                        config.timeDelta() == TimeDelta.DISCOUNT));
            }
        });
        var names = new HashMap<String, String>();
        for (var spec : specs) {
            var other = names.put(spec.id(), spec.name());
            if (other != null) {
                throw new UserException("Cannot train both " + other + " and " + spec.name()
                        + ": they have the same learner, subset and settings; remove one of them");
            }
        }
        specs.sort(Comparator.comparingDouble(TrainStage::cost).reversed());
        return specs;
    }

    /** Roughly proportional to a run's work: updates x rows x hidden units of all its networks. */
    private static double cost(RunSpec spec) {
        var settings = ConfigFactory.parseMap(spec.settings());
        var units = 0.0;
        for (var key : settings.root().keySet()) {
            if (settings.hasPath(key + ".hidden-layers")) {
                units += settings.getIntList(key + ".hidden-layers").stream()
                        .mapToInt(Integer::intValue)
                        .sum();
            }
        }
        return units * spec.updates() * spec.batchSize();
    }

    /** The subsets, if any run learns from another one than all transitions. */
    private static Optional<TableVersion> subsets(StageContext context, TableVersion transitions, TrainConfig config) {
        var needed = config.runs().values().stream()
                .anyMatch(entry -> !entry.subset().equals(CurateConfig.ALL));
        if (!needed) {
            return Optional.empty();
        }
        var warehouse = context.warehouse();
        warehouse.require(TableName.SUBSETS);
        return Optional.of(warehouse.require(TableName.SUBSETS, warehouse.require(TableName.EPISODES, transitions)));
    }

    private static Map<String, List<Transformation>> transformations(
            StageContext context, Optional<TableVersion> steps, Set<String> subsets) {
        var transformations = new HashMap<String, List<Transformation>>();
        steps.map(context.warehouse()::read)
                .ifPresent(rows -> subsets.forEach(
                        subset -> transformations.put(subset, SubsetStepsTable.transformations(rows, subset))));
        return transformations;
    }

    private static Map<String, Long> subsetSizes(StageContext context, TableVersion subsets) {
        var sizes = new HashMap<String, Long>();
        context.warehouse()
                .read(subsets)
                .groupBy("subset")
                .agg(sum("length"))
                .collectAsList()
                .forEach(row -> sizes.put(row.getString(0), row.getLong(1)));
        return sizes;
    }

    private static Configuration hadoop(StageContext context) {
        return context.spark().sparkContext().hadoopConfiguration();
    }
}
