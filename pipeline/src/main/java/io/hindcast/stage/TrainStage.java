package io.hindcast.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import io.hindcast.stage.TrainConfig.TimeDelta;
import io.hindcast.table.MetricsTable;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
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
import org.jspecify.annotations.Nullable;

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
        var rows = rows(context, transitions, subsets, steps);
        var sizes = new HashMap<String, Long>();
        rows.forEach((subset, parts) -> sizes.put(subset, parts.count()));
        checkActions(config, spaces);
        var transformations = transformations(context, steps, rows.keySet());
        var specs = specs(config, transitions, subsets, mixtures(context, steps), rows.keySet(), transformations);
        context.progress()
                .say("[train] " + specs.size() + " runs: "
                        + String.join(", ", config.runs().keySet()) + ", seeds " + config.seeds());
        var results = FanOut.run(context, "[train] runs", specs, task(context, spaces, rows));

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
            StageContext context, Spaces spaces, Map<String, TrainingRows> rows) {
        var hadoop = new SerializableConfiguration(hadoop(context));
        var root = context.warehouse().root();
        return spec -> {
            try {
                var data = Objects.requireNonNull(rows.get(spec.subset())).load(spec, spaces, hadoop.value());
                return TrainingLoop.run(spec, data, RunsTable.checkpoints(root, hadoop.value()), new Lines(spec));
            } catch (RuntimeException e) {
                // One run's trouble is a row of the report; the others go on.
                return new TrainingLoop.Result(spec, new Outcome.Failed(String.valueOf(e)), 0, 0, List.of());
            }
        };
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
            Map<String, Mixture> mixtures,
            Set<String> known,
            Map<String, List<Transformation>> transformations) {
        var all = transitions.manifest().fingerprint();
        var specs = new ArrayList<RunSpec>();
        config.runs().forEach((name, entry) -> {
            if (!known.contains(entry.subset())) {
                throw Settings.unknown(
                        "subset", entry.subset(), known.stream().sorted().toList(), " (in train.runs." + name + ")");
            }
            var plan = config.plan(name);
            var data = entry.subset().equals(CurateConfig.ALL)
                    ? all
                    : all + subsets.orElseThrow().manifest().fingerprint() + fingerprint(mixtures.get(entry.subset()));
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

    /** The rows of every subset. */
    private static Map<String, TrainingRows> rows(
            StageContext context,
            TableVersion transitions,
            Optional<TableVersion> subsets,
            Optional<TableVersion> steps) {
        var rows = new HashMap<String, TrainingRows>();
        var all = reader(
                transitions, null, CurateConfig.ALL, transitions.manifest().rows());
        rows.put(CurateConfig.ALL, new TrainingRows(List.of(all), List.of(1.0)));
        var mixtures = mixtures(context, steps);
        subsets.ifPresent(version -> context.warehouse()
                .read(version)
                .groupBy("subset")
                .agg(sum("length"))
                .collectAsList()
                .forEach(row -> {
                    var own = reader(transitions, version, row.getString(0), row.getLong(1));
                    rows.put(row.getString(0), mixed(context, own, mixtures.get(row.getString(0))));
                }));
        return rows;
    }

    private static TrainingRows mixed(StageContext context, ReplayReader own, @Nullable Mixture mixture) {
        if (mixture == null) {
            return new TrainingRows(List.of(own), List.of(1.0));
        }
        var parts = new ArrayList<>(List.of(own));
        var weights = new ArrayList<>(List.of(mixture.weight()));
        for (var other : mixture.others()) {
            var warehouse = new Warehouse(context.spark(), other.out());
            var subsets = other.subsets() == null ? null : warehouse.require(other.subsets());
            parts.add(reader(warehouse.require(other.transitions()), subsets, other.subset(), other.rows()));
            weights.add(other.weight());
        }
        return new TrainingRows(parts, weights);
    }

    private static ReplayReader reader(
            TableVersion transitions, @Nullable TableVersion subsets, String subset, long rows) {
        var files = subsets == null || subset.equals(CurateConfig.ALL) ? List.<String>of() : subsets.files();
        return new ReplayReader(transitions.files(), files, subset, Math.toIntExact(rows));
    }

    private static Map<String, Mixture> mixtures(StageContext context, Optional<TableVersion> steps) {
        var mixtures = new HashMap<String, Mixture>();
        steps.map(context.warehouse()::read)
                .ifPresent(rows -> SubsetStepsTable.names(rows)
                        .forEach(subset -> SubsetStepsTable.mixture(rows, subset)
                                .ifPresent(mixture -> mixtures.put(subset, mixture))));
        return mixtures;
    }

    /** The content of the other datasets and how they are weighted, but not where they lie. */
    private static String fingerprint(@Nullable Mixture mixture) {
        if (mixture == null) {
            return "";
        }
        var text = new StringBuilder("-" + mixture.weight());
        for (var other : mixture.others()) {
            text.append("-")
                    .append(other.weight())
                    .append("-")
                    .append(other.transitions().fingerprint());
            if (other.subsets() != null) {
                text.append(other.subsets().fingerprint()).append("-").append(other.subset());
            }
        }
        return text.toString();
    }

    private static Configuration hadoop(StageContext context) {
        return context.spark().sparkContext().hadoopConfiguration();
    }
}
