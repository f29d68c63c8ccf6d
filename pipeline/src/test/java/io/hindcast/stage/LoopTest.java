package io.hindcast.stage;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.hindcast.Part;
import io.hindcast.config.Settings;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.judge.JudgeConfig;
import io.hindcast.stage.judge.JudgeStage;
import io.hindcast.stage.predict.PredictConfig;
import io.hindcast.stage.predict.PredictStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The loop of log, train, judge, predict and the next log, over a shop that is made up: what its visitors click is known, so that the
 * value of a policy is too. Who acts is changed by what the log alone says.
 */
@Tag("slow")
final class LoopTest {
    private static final int REPETITIONS = 20;
    private static final int ROUNDS = 3;
    private static final int VISITORS = 4000;
    private static final int PROBES = 4000;
    private static final int ACTIONS = 3;
    private static final double EPSILON = 0.1;
    private static final Actor.Rule RULE = new Actor.Rule(Actor.Preference.SAMPLED, EPSILON, 0, 0);
    /** Of a click, by what is shown, in SQL; the three are worth as much on average. */
    private static final String CHANCE =
            "0.1 + 0.6 / (1 + exp(-4 * CASE action_index WHEN 0 THEN x_1 WHEN 1 THEN -x_1 ELSE x_2 END))";

    private static final String ROWS = """
            format = parquet, dataset = shop, episode-per = row
            action-space { type = discrete, count = 3 }
            columns { observation = [x_1, x_2], action-index = action_index, reward = click, propensity = propensity }
            """;

    private static final String SUBSETS = """
            learn.steps = [{ split { part = train, train = 0.5, validation = 0, test = 0.5 } }]
            judge.steps = [{ split { part = test, train = 0.5, validation = 0, test = 0.5 } }]
            few { from = learn, steps = [{ first-transitions { count = 60 } }] }
            missed { from = learn, steps = [{ return-range { max = 0 } }] }
            """;

    /** One improves on who acts, little by little; one is sure of what 60 visitors did; one does what nobody clicked. */
    private static final String RUNS = """
            updates = 400, batch-size = 128, log-every = 400, checkpoint-every = 400
            runs {
              iql { learner = iql, subset = learn, settings {
                discount = 0, temperature = 0.3
                actor { hidden-layers = [32], learning-rate = 3e-3 }
                critic { hidden-layers = [32], learning-rate = 3e-3 }
                value { hidden-layers = [32], learning-rate = 3e-3 } } }
              hasty { learner = dqn, subset = few, settings {
                discount = 0, critic { hidden-layers = [32], learning-rate = 3e-3 } } }
              spoiler { learner = behaviour-cloning, subset = missed, settings.actor {
                hidden-layers = [32], learning-rate = 3e-3 } }
            }
            """;

    @TempDir
    Path folder;

    private static final double[][] PROBED = probed();

    /**
     * A candidate that the log says is better than who acts.
     *
     * @param noise standard error of by how much
     */
    private record Better(String run, double noise) {}

    static IntStream seeds() {
        return Part.seeds(REPETITIONS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whoActsNeverGetsWorseAndGetsBetter(int seed) {
        @Nullable String acting = null;
        var value = value(null);
        var first = value;
        var worse = 0;
        var log = shown(visitors(seed, 0)
                .withColumn("action_index", expr("CAST(pmod(xxhash64(visitor, 'show', " + seed + "), 3) AS INT)"))
                .withColumn("propensity", lit(1.0 / ACTIONS)));
        for (var round = 0; round < ROUNDS; round++) {
            write(log, "log-" + round);
            var context = context("out-" + round);
            learn(context, "log-" + round, seed);
            for (var candidate : candidates(context)) {
                worse += value(candidate) < value - 0.02 ? 1 : 0;
            }
            var better = better(context);
            if (better.isPresent()) {
                acting = better.get().run();
                var now = value(acting);
                assertThat(now)
                        .as("round %d", round)
                        .isGreaterThan(value - better.get().noise());
                value = now;
            }
            var next = visitors(seed, round + 1);
            log = acting == null
                    ? shown(next.withColumn("action_index", expr("CAST(pmod(xxhash64(visitor, 'show'), 3) AS INT)"))
                            .withColumn("propensity", lit(1.0 / ACTIONS)))
                    : shown(predicted(context, next, acting, round));
        }
        assertThat(value).isGreaterThan(first + 0.1);
        // There was something to refuse in every round.
        assertThat(worse).isGreaterThanOrEqualTo(ROUNDS);
    }

    private void learn(StageContext context, String log, int seed) {
        IngestStage.run(
                context,
                Settings.read(
                        IngestConfig.class, conf("input = [\"" + folder.resolve(log) + "\"]\n" + ROWS), "ingest"));
        CurateStage.run(context, Settings.read(CurateConfig.class, conf("subsets {" + SUBSETS + "}"), "curate"));
        TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, conf("seeds = [" + seed + "]\n" + RUNS), "train"));
        JudgeStage.run(
                context,
                Settings.read(
                        JudgeConfig.class,
                        conf("subset = judge, replicates = 0, estimators = [is, wis], actions = sampled, epsilon = "
                                + EPSILON),
                        "judge"));
    }

    /**
     * The gate: who acts logged, so a candidate is better where by both estimators it is sure to earn more than what logged the same
     * episodes. Among several the surest.
     */
    private static Optional<Better> better(StageContext context) {
        var warehouse = context.warehouse();
        var estimates = warehouse.read(warehouse.require(TableName.ESTIMATES));
        var runs = candidates(context);
        return estimates.where("run_id IS NOT NULL AND usable AND difference_low > 0").collectAsList().stream()
                .filter(row -> row.getAs("estimator").equals("wis"))
                .filter(row -> estimates
                                .where("run_id = '" + row.getAs("run_id") + "' AND usable AND difference_low > 0")
                                .count()
                        == 2)
                .max(Comparator.comparing(row -> row.<Double>getAs("difference_low")))
                .map(row -> new Better(
                        runs.stream()
                                .filter(run -> run.endsWith(row.<String>getAs("run_id")))
                                .findFirst()
                                .orElseThrow(),
                        (row.<Double>getAs("difference_high") - row.<Double>getAs("difference_low")) / 4));
    }

    /** The directories of its runs. */
    private static List<String> candidates(StageContext context) {
        var warehouse = context.warehouse();
        return warehouse.read(warehouse.require(TableName.RUNS)).collectAsList().stream()
                .map(row -> warehouse.root() + "/checkpoints/" + row.<String>getAs("run_id"))
                .toList();
    }

    private Dataset<Row> predicted(StageContext context, Dataset<Row> next, String acting, int round) {
        write(next, "visitors-" + round);
        PredictStage.run(
                context,
                Settings.read(
                        PredictConfig.class,
                        conf("input = [\"" + folder.resolve("visitors-" + round) + "\"], run = \"" + acting
                                + "\", actions = sampled, epsilon = " + EPSILON + ", key = [visitor]"),
                        "predict"));
        return context.warehouse().read(context.warehouse().require(TableName.PREDICTIONS));
    }

    /** What was decided, joined with what came of it. */
    private static Dataset<Row> shown(Dataset<Row> decided) {
        var clicks = decided.selectExpr(
                "visitor",
                "CAST(pmod(xxhash64(visitor, 'click'), 1000003) / 1000003.0 < " + CHANCE + " AS INT) AS click");
        return decided.join(clicks, "visitor");
    }

    private static Dataset<Row> visitors(int seed, int round) {
        var named = "concat('s', " + seed + ", 'r', " + round + ", 'v', id)";
        return LocalSpark.session()
                .range(0, VISITORS, 1, 2)
                .selectExpr(
                        named + " AS visitor",
                        "pmod(xxhash64(" + named + ", 'x_1'), 1000003) / 500001.5 - 1 AS x_1",
                        "pmod(xxhash64(" + named + ", 'x_2'), 1000003) / 500001.5 - 1 AS x_2");
    }

    /** Clicks a visitor under the policy of a run, as it acts; of uniformly random choice without one. */
    private static double value(@Nullable String run) {
        var sum = 0.0;
        try (var kernels = new PlainKernels()) {
            var probabilities = new double[PROBES][ACTIONS];
            if (run != null) {
                var checkpoint = new CheckpointStore(Path.of(run).getParent().toString(), new Configuration())
                        .latestOf(Path.of(run).getFileName().toString())
                        .orElseThrow();
                var spaces = checkpoint.spaces();
                var actor = new Actor(kernels, checkpoint.policy(spaces, kernels), spaces, PROBES);
                var observations = new float[PROBES * 2];
                for (var i = 0; i < observations.length; i++) {
                    observations[i] = (float) PROBED[i / 2][i % 2];
                }
                actor.show(observations, null);
                for (var i = 0; i < PROBES; i++) {
                    probabilities[i] = actor.probabilities(i, RULE);
                }
            }
            for (var i = 0; i < PROBES; i++) {
                for (var action = 0; action < ACTIONS; action++) {
                    sum += (run == null ? 1.0 / ACTIONS : probabilities[i][action]) * chance(PROBED[i], action);
                }
            }
        }
        return sum / PROBES;
    }

    /** As {@link #CHANCE}. */
    private static double chance(double[] x, int action) {
        var score = action == 0 ? x[0] : action == 1 ? -x[0] : x[1];
        return 0.1 + 0.6 / (1 + Math.exp(-4 * score));
    }

    private static double[][] probed() {
        var random = new SplittableRandom(99);
        var probed = new ArrayList<double[]>();
        for (var i = 0; i < PROBES; i++) {
            probed.add(new double[] {random.nextDouble(-1, 1), random.nextDouble(-1, 1)});
        }
        return probed.toArray(double[][]::new);
    }

    private void write(Dataset<Row> frame, String name) {
        frame.write().parquet(folder.resolve(name).toString());
    }

    private StageContext context(String name) {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, folder.resolve(name).toString()), line -> {});
    }

    private static Config conf(String text) {
        return ConfigFactory.parseString(text);
    }
}
