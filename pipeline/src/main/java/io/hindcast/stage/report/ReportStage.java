package io.hindcast.stage.report;

import io.hindcast.config.Secrets;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.Environments;
import io.hindcast.env.FloorPlan;
import io.hindcast.judge.Judgement;
import io.hindcast.report.Agreement;
import io.hindcast.report.Links;
import io.hindcast.report.Links.Link;
import io.hindcast.report.Ranking;
import io.hindcast.report.ReportData;
import io.hindcast.report.ReportData.Baseline;
import io.hindcast.report.ReportPage;
import io.hindcast.report.Result;
import io.hindcast.report.ResultsJson;
import io.hindcast.report.ResultsTable;
import io.hindcast.report.TrainedRun;
import io.hindcast.score.Aggregate;
import io.hindcast.score.RandomPolicy;
import io.hindcast.score.ReferenceScores;
import io.hindcast.stage.ReportFolder;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.TrackedPages;
import io.hindcast.table.EstimatesTable;
import io.hindcast.table.EvaluationsTable;
import io.hindcast.table.Leftovers;
import io.hindcast.table.Request;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.package$;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the tables hold, for people and for programs: {@code report/report.html}, {@code report/results.json} and
 * pictures.
 */
public final class ReportStage {
    private static final String FOLDER = "report";
    private static final String PAGE = "report.html";
    private static final int MOST_RANDOM_EPISODES = 200;

    private ReportStage() {}

    /**
     * Writes the report of whatever tables there are, in one state, and says what is left out of it; one of older versions is
     * replaced as a whole. With directories to compare it compares them instead.
     *
     * @throws UserException if no table is published, directories cannot be compared, the environment is unknown, or the report cannot be written
     */
    public static StageResult run(StageContext context, ReportConfig config) {
        if (!config.compare().isEmpty()) {
            return Comparing.run(context, config);
        }
        var warehouse = context.warehouse();
        new Leftovers(warehouse).removeOrphans();
        var there = warehouse.snapshot();
        var tables = there.versions();
        var leftOut = there.leftOut();
        leftOut.forEach(line -> context.progress().say("[report] " + line));
        if (tables.isEmpty()) {
            throw new UserException("Cannot report on " + warehouse.root()
                    + ": no table is published there; run ingest or collect with --out " + warehouse.root() + " first");
        }
        var configuration = Settings.toMap(config);
        if (!leftOut.isEmpty()) {
            configuration.put("left-out", leftOut);
        }
        var finder = new LinkFinder(warehouse, FOLDER);
        var pages = finder.pages();
        configuration.put("links", pages.stream().map(Link::href).toList());
        var request = new Request(
                "report",
                configuration,
                tables.values().stream().map(TableVersion::asParent).toList(),
                List.of());
        var folder = new ReportFolder(
                warehouse.root(), FOLDER, PAGE, context.engine().hadoop());
        if (folder.holds(request)) {
            return new StageResult(
                    true,
                    folder.page() + " is there already, from the same tables and configuration: nothing to do",
                    List.of());
        }
        var results = Result.of(new RunReader(warehouse, tables).runs());
        var links = new Links(pages, finder.runs(results));
        var report = report(context, tables, leftOut, config, results, links);
        var files = new TreeMap<>(ReportPage.pictures(report));
        files.put(PAGE, ReportPage.html(report));
        files.put("results.json", ResultsJson.json(report));
        folder.publish(request, files);
        ResultsTable.lines(report).forEach(line -> context.progress().say("[report] " + line));
        strangers(config, report.results()).forEach(line -> context.progress().say("[report] " + line));
        context.progress().say("[report] " + folder.page());
        return new StageResult(false, "report written to " + folder.page(), problems(report));
    }

    /** The same, and shows the report in MLflow where a server is named, also one that was there already. */
    public static StageResult run(StageContext context, MlflowConfig mlflow, ReportConfig config) {
        var result = run(context, config);
        if (config.compare().isEmpty()) {
            TrackedPages.show(context, mlflow, "report", FOLDER, PAGE);
        }
        return result;
    }

    private static ReportData report(
            StageContext context,
            Map<TableName, TableVersion> tables,
            List<String> leftOut,
            ReportConfig config,
            List<Result> results,
            Links links) {
        var warehouse = context.warehouse();
        var environment = config.environment() != null ? config.environment() : recordedEnvironment(tables);
        var floor = floor(environment);
        var dataset = new DatasetReader(context, tables, floor).dataset();
        return new ReportData(
                Secrets.hideByForm(config.title()),
                environment,
                floor,
                results,
                config.published(),
                baselines(results, dataset, tables),
                judged(warehouse, tables),
                dataset,
                provenance(context.engine(), tables, leftOut),
                links);
    }

    /** What results are to be compared with besides each other, as far as anything was evaluated. */
    private static List<Baseline> baselines(
            List<Result> results, ReportData.Dataset dataset, Map<TableName, TableVersion> tables) {
        if (results.stream().allMatch(result -> result.finals().count() == 0)) {
            return List.of();
        }
        var logged = dataset.facts().stream()
                .limit(1)
                .filter(facts -> Double.isFinite(facts.meanReturn()))
                .map(facts -> Baseline.of(
                        Judgement.BEHAVIOUR,
                        "the logged episodes",
                        facts.meanReturn(),
                        facts.standardDeviation(),
                        facts.episodes()));
        return Stream.concat(logged, uniform(tables.get(TableName.EVALUATIONS)).stream())
                .sorted(Comparator.comparingDouble(baseline -> -baseline.mean()))
                .toList();
    }

    private static ReportData.@Nullable Judged judged(Warehouse warehouse, Map<TableName, TableVersion> tables) {
        var estimates = tables.get(TableName.ESTIMATES);
        var evaluations = tables.get(TableName.EVALUATIONS);
        if (estimates == null || evaluations == null) {
            return null;
        }
        var ranked = EstimatesTable.ranked(warehouse, estimates);
        var told = ranked.stream()
                .map(place -> new Agreement.Told(
                        Ranking.name(place.policy(), place.step()),
                        Agreement.key(place.run(), place.step()),
                        place.value(),
                        place.isUsable()))
                .toList();
        return Agreement.of(told, Agreement.played(EvaluationsTable.returns(warehouse, evaluations)))
                .map(agreement -> new ReportData.Judged(ranked.get(0).estimator(), agreement))
                .orElse(null);
    }

    /** Uniformly random actions: played where that is cheap, or else what D4RL says of them. */
    private static Optional<Baseline> uniform(@Nullable TableVersion evaluations) {
        if (evaluations == null
                || !(evaluations.manifest().configuration().get("environment") instanceof String environment)
                || !(evaluations.manifest().configuration().get("episodes") instanceof Number episodes)
                || !(evaluations.manifest().configuration().get("seed") instanceof Number seed)) {
            return Optional.empty();
        }
        if (Environments.isHere(environment)) {
            var returns = RandomPolicy.returns(
                    environment, Math.min(MOST_RANDOM_EPISODES, episodes.intValue()), seed.longValue());
            return Optional.of(Baseline.of(
                    Judgement.UNIFORM,
                    "random actions in evaluation episodes",
                    Arrays.stream(returns).average().orElseThrow(),
                    Aggregate.standardDeviation(returns),
                    returns.length));
        }
        return ReferenceScores.of(environment)
                .filter(scores -> scores.measure() == ReferenceScores.Measure.RETURN)
                .map(scores -> Baseline.of(
                        Judgement.UNIFORM, "random actions, as D4RL measured them", scores.min(), Double.NaN, 0));
    }

    /** A line for every figure whose run there is not: its name may be misspelt, or the run is not of this training. */
    private static List<String> strangers(ReportConfig config, List<Result> results) {
        var known = results.stream()
                .flatMap(result -> Stream.of(result.name(), result.name() + " on " + result.subset()))
                .collect(Collectors.toCollection(TreeSet::new));
        return config.published().keySet().stream()
                .filter(name -> !known.isEmpty() && !known.contains(name))
                .map(name -> String.valueOf(Settings.unknown("run", name, known, " in report.published")
                        .getMessage()))
                .toList();
    }

    /** @throws UserException if there is no such environment */
    private static @Nullable FloorPlan floor(@Nullable String environment) {
        if (environment == null) {
            return null;
        }
        var floor = FloorPlan.of(environment);
        return floor.isPresent()
                ? floor.get()
                : FloorPlan.of(new EnvironmentSpec(environment).name()).orElse(null);
    }

    private static @Nullable String recordedEnvironment(Map<TableName, TableVersion> tables) {
        return Stream.of(TableName.TRANSITIONS, TableName.EVALUATIONS)
                .flatMap(table -> Optional.ofNullable(tables.get(table)).stream())
                .map(version -> version.manifest().configuration().get("environment"))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse(null);
    }

    private static ReportData.Provenance provenance(
            SparkOnDemand engine, Map<TableName, TableVersion> tables, List<String> leftOut) {
        var written = new LinkedHashMap<String, String>();
        var transitions = tables.get(TableName.TRANSITIONS);
        if (transitions != null) {
            written.put("dataset_fingerprint", transitions.manifest().fingerprint());
        }
        written.put("written", Instant.now().toString());
        written.put("hindcast", Version.TEXT);
        written.put("java", Runtime.version().toString());
        written.put("spark", package$.MODULE$.SPARK_VERSION());
        written.put("master", engine.master());
        written.put("cores", Integer.toString(engine.parallelism()));
        if (!leftOut.isEmpty()) {
            written.put("left_out", String.join("; ", leftOut));
        }
        return new ReportData.Provenance(
                tables.values().stream()
                        .map(version -> new ReportData.Source(
                                version.table().directory(),
                                version.number(),
                                version.manifest().rows(),
                                version.manifest().fingerprint(),
                                version.manifest().created()))
                        .toList(),
                written);
    }

    private static List<String> problems(ReportData report) {
        var runs = report.results().stream()
                .flatMap(result -> result.runs().stream())
                .toList();
        return Stream.concat(
                        runs.stream()
                                .filter(run -> !run.outcome().equals("finished"))
                                .map(ReportStage::problem),
                        runs.stream()
                                .flatMap(run -> run.gapText().map(text -> "run " + run.runId() + " " + text).stream()))
                .toList();
    }

    private static String problem(TrainedRun run) {
        return "run " + run.runId() + " " + run.outcome() + " after " + run.updates() + " updates: "
                + Objects.requireNonNullElse(run.reason(), "no reason was recorded");
    }
}
