package io.hindcast.jobs;

import io.hindcast.bench.BenchConfig;
import io.hindcast.bench.DataBenchConfig;
import io.hindcast.bench.DataBenchmark;
import io.hindcast.bench.JudgeBenchConfig;
import io.hindcast.bench.JudgeBenchmark;
import io.hindcast.bench.PredictBenchConfig;
import io.hindcast.bench.PredictBenchmark;
import io.hindcast.bench.ScalingBenchConfig;
import io.hindcast.bench.ScalingBenchmark;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.source.Format;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.judge.JudgeConfig;
import io.hindcast.stage.judge.JudgeStage;
import io.hindcast.stage.predict.PredictConfig;
import io.hindcast.stage.predict.PredictStage;
import io.hindcast.stage.promote.PromoteConfig;
import io.hindcast.stage.promote.PromoteStage;
import io.hindcast.stage.report.ReportConfig;
import io.hindcast.stage.report.ReportStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The stages that have a job, in the order in which a pipeline usually runs them; a new one is one entry here. */
final class Jobs {
    static final List<Job<?>> ALL = List.of(
            new Job<>(
                    "collect",
                    "lets a behaviour policy act in an environment and logs its transitions",
                    CollectConfig.class,
                    (context, config, root) -> CollectStage.run(context, environment("collect", root), config)),
            new Job<>(
                    "ingest",
                    "reads logged transitions from files (" + formats() + ") or from Spark's sources",
                    IngestConfig.class,
                    (context, config, root) -> IngestStage.run(context, config)),
            new Job<>(
                    "stats",
                    "describes the transitions in a table and a scorecard, and checks them",
                    StatsConfig.class,
                    (context, config, root) -> StatsStage.run(context, root.mlflow(), config)),
            new Job<>(
                    "curate",
                    "selects subsets of episodes, such as the best ten percent",
                    CurateConfig.class,
                    (context, config, root) -> CurateStage.run(context, config)),
            new Job<>(
                    "train",
                    "trains every configured learner with every seed, a Spark task each",
                    TrainConfig.class,
                    (context, config, root) -> TrainStage.run(context, root.world(), root.mlflow(), config)),
            new Job<>(
                    "evaluate",
                    "plays the trained policies in their environment",
                    EvaluateConfig.class,
                    (context, config, root) ->
                            EvaluateStage.run(context, environment("evaluate", root), root.registry(), config)),
            new Job<>(
                    "judge",
                    "estimates by the log alone what policies are worth, and how sure that is",
                    JudgeConfig.class,
                    (context, config, root) -> JudgeStage.run(context, root.registry(), config)),
            new Job<>(
                    "promote",
                    "decides by estimates or played episodes whether another policy acts from now on",
                    PromoteConfig.class,
                    (context, config, root) -> PromoteStage.run(context, root.registry(), root.mlflow(), config)),
            new Job<>(
                    "predict",
                    "lets a policy decide in every row of a table, and says how likely what it does is",
                    PredictConfig.class,
                    (context, config, root) -> PredictStage.run(context, root.registry(), config)),
            new Job<>(
                    "report",
                    "writes a page of results, curves and pictures, and results.json, or compares outputs",
                    ReportConfig.class,
                    (context, config, root) -> ReportStage.run(context, root.mlflow(), config)),
            Job.withoutSpark(
                    "bench",
                    "measures how many updates a second every learner does on this machine",
                    BenchConfig.class,
                    BenchJob::run),
            Job.withoutSpark(
                    "bench-scaling",
                    "measures how many runs an hour are trained on several masters; also: bench scaling",
                    ScalingBenchConfig.class,
                    (directory, progress, config) -> ScalingBenchmark.run(directory, progress, config, Hindcast.class)),
            new Job<>(
                    "bench-data",
                    "measures how fast logs become datasets on this machine; also: bench data",
                    DataBenchConfig.class,
                    (context, config, root) -> DataBenchmark.run(context, config)),
            new Job<>(
                    "bench-judge",
                    "measures how fast policies are judged by logs on this machine; also: bench judge",
                    JudgeBenchConfig.class,
                    (context, config, root) -> JudgeBenchmark.run(context, config, Hindcast.class)),
            new Job<>(
                    "bench-predict",
                    "measures how fast a policy decides in tables on this machine; also: bench predict",
                    PredictBenchConfig.class,
                    (context, config, root) -> PredictBenchmark.run(context, config, Hindcast.class)));

    private Jobs() {}

    /** The formats of files, as conf files have them. */
    private static String formats() {
        return Arrays.stream(Format.values())
                .filter(format -> format != Format.SPARK)
                .map(format -> format.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
    }

    private static EnvironmentSpec environment(String job, RootConfig root) {
        var world = root.world();
        if (world == null) {
            throw new UserException("Cannot run " + job
                    + ": no environment is named; add environment = pointmass-medium to the conf file or give --set"
                    + " environment=…");
        }
        return world;
    }
}
