package io.hindcast.report;

import io.hindcast.config.Json;
import io.hindcast.env.FloorPlan;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.report.chart.LineChart;
import io.hindcast.score.Aggregate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The results and where they come from, for programs; what was not measured is null. */
public final class ResultsJson {
    private static final Map<String, Object> INTERVALS = intervals();

    private ResultsJson() {}

    /**
     * An object with the keys {@code results} (one entry a row of the report's table, by falling final return), {@code sweeps},
     * {@code baselines}, {@code intervals} (how they are made), {@code environment}, {@code maze} (where the data comes from one) and
     * {@code provenance}. Success is in percent. A result some of whose checkpoints were to be
     * evaluated and were not, or not in all episodes, has {@code gaps}: of each such run its id, seed, the updates of these checkpoints, how many
     * episodes each has of how many that were asked for, and the reason of the last.
     */
    public static String json(ReportData report) {
        var root = new LinkedHashMap<String, @Nullable Object>();
        root.put(
                "results",
                report.results().stream()
                        .map(result -> result(result, report.published()))
                        .toList());
        root.put(
                "sweeps",
                SweepResult.of(report.results()).stream()
                        .map(ResultsJson::sweep)
                        .toList());
        root.put(
                "baselines",
                report.baselines().stream().map(ResultsJson::baseline).toList());
        root.put("intervals", INTERVALS);
        root.put("environment", report.environment());
        root.put("maze", report.floor() == null ? null : maze(report.floor()));
        root.put("provenance", provenance(report.provenance()));
        return Json.lines(root) + "\n";
    }

    private static Map<String, Object> intervals() {
        var map = new LinkedHashMap<String, Object>();
        map.put("of", "the mean over seeds");
        map.put("method", "student-t over seeds and shared episodes");
        map.put("confidence", Aggregate.CONFIDENCE);
        map.put("least_seeds", Aggregate.LEAST_SEEDS);
        return map;
    }

    private static Map<String, @Nullable Object> result(Result result, Map<String, Published> published) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("name", result.name());
        map.put("subset", result.subset());
        map.put("learner", result.learner());
        map.put("config", result.config());
        map.put("seeds", result.runs().stream().map(TrainedRun::seed).toList());
        map.put("runs", result.runs().stream().map(TrainedRun::runId).toList());
        map.putAll(figure(result, Figure.RETURN));
        for (var figure : List.of(Figure.SCORE, Figure.SUCCESS)) {
            map.put(figure.key(), result.summary(figure).isEmpty() ? null : figure(result, figure));
        }
        var compared = result.published(published);
        map.put("published", compared.map(ResultsJson::published).orElse(null));
        map.put("reach", compared.map(figure -> reach(figure, result)).orElse(null));
        result.switchedAt().ifPresentOrElse(step -> map.put("online_from", step), () -> map.put("online_from", null));
        map.put("updates", result.updates());
        map.put("updates_per_second", finite(result.updatesPerSecond()));
        map.put("outcome", result.runs().stream().map(TrainedRun::outcome).toList());
        var gaps = result.runs().stream()
                .filter(run -> !run.gaps().isEmpty())
                .map(ResultsJson::gap)
                .toList();
        if (!gaps.isEmpty()) {
            map.put("gaps", gaps);
        }
        return map;
    }

    private static Map<String, Object> gap(TrainedRun run) {
        var map = new LinkedHashMap<String, Object>();
        map.put("run", run.runId());
        map.put("seed", run.seed());
        map.put("updates", run.gaps().stream().map(TrainedRun.Gap::step).toList());
        map.put("played", run.gaps().stream().map(TrainedRun.Gap::played).toList());
        map.put(
                "asked",
                run.gaps().stream().mapToInt(TrainedRun.Gap::asked).max().orElseThrow());
        map.put("reason", "run " + run.runId() + " " + run.gapText().orElseThrow());
        return map;
    }

    private static Map<String, @Nullable Object> figure(Result result, Figure figure) {
        var summary = Objects.requireNonNull(result.summaries().get(figure));
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("final", withInterval(summary.finals(), result.runs(), run -> run.finalOf(figure)));
        map.put("last_three", withInterval(summary.lastThree(), result.runs(), run -> run.lastThree(figure)));
        map.put("best", score(summary.bests(), result.runs(), run -> run.bestOf(figure)));
        var last = new LinkedHashMap<String, @Nullable Object>();
        last.put("mean", finite(summary.lastMean()));
        last.put("min", finite(summary.lastMin()));
        map.put("last_five", last);
        return map;
    }

    private static @Nullable Map<String, @Nullable Object> published(Published published) {
        if (published.value() == null) {
            return null;
        }
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("figure", published.figure().key());
        map.put("value", published.value());
        map.put("source", published.source());
        return map;
    }

    private static @Nullable Map<String, @Nullable Object> reach(Published published, Result result) {
        if (published.reach() == null) {
            return null;
        }
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("figure", published.figure().key());
        map.put("target", published.reach());
        map.put("by", Reached.of(published, result).key());
        return map;
    }

    private static Map<String, @Nullable Object> sweep(SweepResult sweep) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("name", sweep.name());
        map.put("subset", sweep.subset());
        map.put("learner", sweep.learner());
        map.put("key", sweep.key());
        map.put("final", points(sweep.finals()));
        var metric = sweep.valueMetric();
        map.put("value_metric", metric.orElse(null));
        map.put("value", metric.map(name -> points(sweep.values(name))).orElse(null));
        return map;
    }

    private static List<Map<String, @Nullable Object>> points(List<LineChart.Point> points) {
        return points.stream()
                .map(point -> {
                    var map = new LinkedHashMap<String, @Nullable Object>();
                    map.put("setting", point.x());
                    map.put("mean", finite(point.mean()));
                    map.put("std", finite(point.spread()));
                    map.put("seeds", point.seeds());
                    return (Map<String, @Nullable Object>) map;
                })
                .toList();
    }

    /** What somebody needs who wants to draw states over the walls: x and y are these entries of an observation, times their scales. */
    private static Map<String, Object> maze(FloorPlan floor) {
        var map = new LinkedHashMap<String, Object>();
        map.put("walls", floor.walls());
        map.put("cell", floor.cell());
        map.put("corner", List.of(floor.corner().x(), floor.corner().y()));
        map.put("start", List.of(floor.start().x(), floor.start().y()));
        var goal = floor.goal();
        map.put("goal", List.of(goal.centre().x(), goal.centre().y()));
        map.put(
                "goal_from",
                List.of(
                        List.of(goal.low().x(), goal.low().y()),
                        List.of(goal.high().x(), goal.high().y())));
        map.put("goal_radius", goal.radius());
        map.put("observation", List.of(floor.x().index(), floor.y().index()));
        map.put("scale", List.of(floor.x().scale(), floor.y().scale()));
        return map;
    }

    private static Map<String, @Nullable Object> score(
            Aggregate aggregate, List<TrainedRun> runs, Function<TrainedRun, Optional<Double>> score) {
        var perSeed = new ArrayList<@Nullable Double>();
        for (var run : runs) {
            perSeed.add(finite(score.apply(run).orElse(Double.NaN)));
        }
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("mean", finite(aggregate.mean()));
        map.put("std", finite(aggregate.standardDeviation()));
        map.put("interquartile_mean", finite(aggregate.interquartileMean()));
        map.put("per_seed", perSeed);
        return map;
    }

    private static Map<String, @Nullable Object> withInterval(
            Aggregate aggregate, List<TrainedRun> runs, Function<TrainedRun, Optional<Double>> score) {
        var map = score(aggregate, runs, score);
        map.put("interval", interval(aggregate.interval()));
        return map;
    }

    private static List<@Nullable Double> interval(Interval interval) {
        var ends = new ArrayList<@Nullable Double>();
        ends.add(finite(interval.low()));
        ends.add(finite(interval.high()));
        return ends;
    }

    private static Map<String, @Nullable Object> baseline(ReportData.Baseline baseline) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("name", baseline.name());
        map.put("what", baseline.what());
        map.put("mean", finite(baseline.mean()));
        map.put("std", finite(baseline.standardDeviation()));
        map.put("episodes", baseline.episodes());
        map.put("interval", interval(baseline.interval()));
        return map;
    }

    private static Map<String, Object> provenance(ReportData.Provenance provenance) {
        var map = new LinkedHashMap<String, Object>(provenance.written());
        map.put("tables", provenance.tables());
        return map;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
