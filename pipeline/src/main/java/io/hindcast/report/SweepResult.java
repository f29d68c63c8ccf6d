package io.hindcast.report;

import io.hindcast.report.chart.LineChart;
import io.hindcast.score.Aggregate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rows of the results that a sweep over one number made: they differ in this number alone, and their names end with it.
 *
 * @param name of the entry in the conf file
 * @param key what was swept, with dots for sections
 * @param settings by rising value, at least three
 */
record SweepResult(String name, String subset, String learner, String key, List<Setting> settings) {
    private static final int FEWEST = 3;
    private static final List<String> VALUES = List.of("q-data/mean", "value/mean");

    /** One value of the key, and what came of it. */
    record Setting(double value, Result result) {}

    /** A swept entry, as the rows tell: which of them belong together. */
    private record Family(String name, String subset, String learner, String key, Map<String, Object> others) {}

    /** The sweeps among {@code results}, in their order. */
    static List<SweepResult> of(List<Result> results) {
        var families = new LinkedHashMap<Family, List<Setting>>();
        for (var result : results) {
            var settings = Result.flatten(result.runs().get(0).resolvedConfig());
            settings.forEach((key, value) -> {
                if (value instanceof Number number) {
                    base(result.name(), key, number.doubleValue()).ifPresent(base -> {
                        var others = new LinkedHashMap<>(settings);
                        others.remove(key);
                        families.computeIfAbsent(
                                        new Family(base, result.subset(), result.learner(), key, others),
                                        family -> new ArrayList<>())
                                .add(new Setting(number.doubleValue(), result));
                    });
                }
            });
        }
        var sweeps = new ArrayList<SweepResult>();
        families.forEach((family, settings) -> {
            if (settings.stream().map(Setting::value).distinct().count() >= FEWEST) {
                settings.sort(Comparator.comparingDouble(Setting::value));
                sweeps.add(new SweepResult(
                        family.name(), family.subset(), family.learner(), family.key(), List.copyOf(settings)));
            }
        });
        return sweeps;
    }

    /** What is before the key and the value in the name of a run, as a sweep names runs: {@code NAME-alpha-0.1}. */
    private static Optional<String> base(String run, String key, double value) {
        var word = key.substring(key.lastIndexOf('.') + 1);
        var matcher = Pattern.compile("(.+)-" + Pattern.quote(word) + "-(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)")
                .matcher(run);
        return matcher.matches() && Double.parseDouble(matcher.group(2)) == value
                ? Optional.of(matcher.group(1))
                : Optional.empty();
    }

    /** The mean final return of each value. */
    List<LineChart.Point> finals() {
        return settings.stream()
                .map(setting -> {
                    var finals = setting.result().finals();
                    return new LineChart.Point(
                            setting.value(), finals.mean(), finals.standardDeviation(), finals.count());
                })
                .toList();
    }

    /** The metric that tells what the learner believes the data is worth: mean Q(s,a), or else mean V(s), of a batch. */
    Optional<String> valueMetric() {
        return VALUES.stream()
                .filter(metric -> values(metric).stream().anyMatch(point -> Double.isFinite(point.mean())))
                .findFirst();
    }

    /** The metric of each value at the end of training, over seeds. */
    List<LineChart.Point> values(String metric) {
        return settings.stream()
                .map(setting -> {
                    var lasts = setting.result().runs().stream()
                            .map(run -> run.metrics().getOrDefault(metric, List.of()))
                            .filter(logged -> !logged.isEmpty())
                            .mapToDouble(logged -> logged.get(logged.size() - 1).value())
                            .filter(Double::isFinite)
                            .toArray();
                    var mean = lasts.length == 0
                            ? Double.NaN
                            : java.util.Arrays.stream(lasts).average().getAsDouble();
                    return new LineChart.Point(setting.value(), mean, Aggregate.standardDeviation(lasts), lasts.length);
                })
                .toList();
    }
}
