package io.hindcast.report;

import io.hindcast.config.Json;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.report.Comparison.Entry;
import io.hindcast.report.Comparison.Out;
import io.hindcast.report.Comparison.Ranked;
import io.hindcast.report.Comparison.Task;
import io.hindcast.report.Comparison.Valued;
import io.hindcast.score.StratifiedBootstrap;
import io.hindcast.score.StratifiedBootstrap.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A comparison for programs; what is not known is null. */
public final class CompareJson {
    private CompareJson() {}

    /**
     * An object with the keys {@code figure} (return, score or success), {@code tasks}, {@code results} (one entry a result, the best
     * first: its figures by task, and over all tasks in {@code overall} and {@code profile}, null where there are none),
     * {@code improvements} (the probability that a run of {@code name} scores more than one of {@code over}), {@code bootstrap} (how
     * intervals over tasks are made) and {@code provenance}.
     */
    public static String json(Comparison comparison) {
        var root = new LinkedHashMap<String, @Nullable Object>();
        root.put("figure", comparison.figure().key());
        root.put("tasks", comparison.tasks().stream().map(CompareJson::task).toList());
        root.put(
                "results",
                comparison.entries().stream()
                        .map(entry -> result(comparison, entry))
                        .toList());
        root.put(
                "improvements",
                comparison.improvements().stream()
                        .map(improvement -> {
                            var map = new LinkedHashMap<String, @Nullable Object>();
                            map.put("name", improvement.name());
                            map.put("over", improvement.over());
                            map.put("probability", improvement.probability().value());
                            map.put(
                                    "interval",
                                    interval(improvement.probability().interval()));
                            return map;
                        })
                        .toList());
        var bootstrap = new LinkedHashMap<String, Object>();
        bootstrap.put("method", "percentiles of the stratified bootstrap over runs");
        bootstrap.put("replicates", Comparison.BOOTSTRAP.replicates());
        bootstrap.put("seed", Comparison.BOOTSTRAP.seed());
        bootstrap.put("confidence", StratifiedBootstrap.CONFIDENCE);
        root.put("bootstrap", bootstrap);
        root.put("provenance", comparison.written());
        return Json.lines(root) + "\n";
    }

    private static Map<String, @Nullable Object> task(Task task) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("name", task.name());
        map.put("outs", task.outs().stream().map(CompareJson::out).toList());
        return map;
    }

    private static Map<String, Object> out(Out out) {
        var map = new LinkedHashMap<String, Object>();
        map.put("out", out.place());
        map.put("tables", out.tables());
        return map;
    }

    private static Map<String, @Nullable Object> result(Comparison comparison, Entry entry) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("name", entry.name());
        map.put("learner", entry.learner());
        var tasks = new LinkedHashMap<String, @Nullable Object>();
        for (var task : comparison.tasks()) {
            var result = entry.byTask().get(task.name());
            tasks.put(task.name(), result == null ? null : inTask(result, comparison.figure()));
        }
        map.put("tasks", tasks);
        var ranked = comparison.ranked().stream()
                .filter(other -> other.entry().equals(entry) && !other.overall().isEmpty())
                .findFirst();
        map.put("overall", ranked.map(CompareJson::overall).orElse(null));
        map.put("profile", ranked.map(CompareJson::profile).orElse(null));
        return map;
    }

    private static Map<String, @Nullable Object> inTask(Result result, Figure figure) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("subset", result.subset());
        map.put("config", result.config());
        map.put("seeds", result.runs().stream().map(TrainedRun::seed).toList());
        var finals = Objects.requireNonNull(result.summaries().get(figure)).finals();
        map.put("mean", finite(finals.mean()));
        map.put("std", finite(finals.standardDeviation()));
        map.put("interval", interval(finals.interval()));
        var perSeed = new ArrayList<@Nullable Double>();
        result.runs().forEach(run -> perSeed.add(run.finalOf(figure).orElse(null)));
        map.put("per_seed", perSeed);
        return map;
    }

    private static Map<String, @Nullable Object> overall(Ranked ranked) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        ranked.overall().forEach((figure, valued) -> map.put(figure.name().toLowerCase(Locale.ROOT), valued(valued)));
        return map;
    }

    private static Map<String, @Nullable Object> valued(Valued valued) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("value", finite(valued.value()));
        map.put("interval", interval(valued.interval()));
        return map;
    }

    private static Map<String, @Nullable Object> profile(Ranked ranked) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("thresholds", ranked.profile().stream().map(Share::threshold).toList());
        map.put("share", ranked.profile().stream().map(Share::share).toList());
        map.put(
                "low",
                finite(ranked.profile().stream()
                        .map(share -> share.band().low())
                        .toList()));
        map.put(
                "high",
                finite(ranked.profile().stream()
                        .map(share -> share.band().high())
                        .toList()));
        return map;
    }

    private static List<@Nullable Double> interval(Interval interval) {
        return finite(List.of(interval.low(), interval.high()));
    }

    private static List<@Nullable Double> finite(List<Double> values) {
        var finite = new ArrayList<@Nullable Double>();
        values.forEach(value -> finite.add(finite(value)));
        return finite;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
