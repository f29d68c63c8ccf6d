package io.hindcast.report;

import io.hindcast.report.chart.LineChart;
import io.hindcast.score.Aggregate;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.StatUtils;

/**
 * One row of the results: the runs of one subset, learner and configuration, which differ in their seeds alone.
 *
 * @param config what differs from the learner's defaults
 * @param runs by seed, at least one
 * @param summaries what was measured of them, the return always among it
 */
public record Result(
        String name,
        String subset,
        String learner,
        Map<String, Object> config,
        List<TrainedRun> runs,
        Map<Figure, Summary> summaries) {
    private static final int FIVE = 5;
    private static final String ON = " on ";
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

    /**
     * A figure over seeds.
     *
     * @param finals at the last evaluated checkpoints
     * @param lastThree of the means at the last three evaluated checkpoints, which luck moves less
     * @param bests at those where it is best: they are chosen by what they are measured by, and so without an interval
     * @param lastMean the mean over seeds of the mean at the last five evaluated checkpoints; NaN if nothing was evaluated
     * @param lastMin the least at any of these checkpoints of any seed; NaN likewise
     */
    public record Summary(Aggregate finals, Aggregate lastThree, Aggregate bests, double lastMean, double lastMin) {}

    /** As words, but 5 before 10 where only a number differs. */
    private static int byWordsAndNumbers(String a, String b) {
        var numbersOfA = NUMBER.matcher(a).results().map(MatchResult::group).toList();
        var numbersOfB = NUMBER.matcher(b).results().map(MatchResult::group).toList();
        if (numbersOfA.size() == numbersOfB.size()
                && NUMBER.matcher(a).replaceAll("").equals(NUMBER.matcher(b).replaceAll(""))) {
            for (var i = 0; i < numbersOfA.size(); i++) {
                var order = new BigDecimal(numbersOfA.get(i)).compareTo(new BigDecimal(numbersOfB.get(i)));
                if (order != 0) {
                    return order;
                }
            }
        }
        return a.compareTo(b);
    }

    /** Puts runs together that differ in their seeds alone: by falling final return; those without one by subset, learner and name. */
    public static List<Result> of(List<TrainedRun> runs) {
        var groups = runs.stream()
                .sorted(Comparator.comparing(TrainedRun::subset)
                        .thenComparing(TrainedRun::learner)
                        .thenComparing(TrainedRun::name, Result::byWordsAndNumbers)
                        .thenComparingLong(TrainedRun::seed))
                .collect(Collectors.groupingBy(
                        run -> List.of(run.name(), run.subset(), run.learner(), run.config()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        var results = new ArrayList<Result>();
        for (var group : groups.values()) {
            var first = group.get(0);
            results.add(
                    new Result(first.name(), first.subset(), first.learner(), first.config(), group, summaries(group)));
        }
        results.sort(Comparator.comparingDouble(result -> -result.worth()));
        return results;
    }

    /** Its mean final return; negative infinity if it has none. */
    double worth() {
        return finals().count() == 0 ? Double.NEGATIVE_INFINITY : finals().mean();
    }

    private static Map<Figure, Summary> summaries(List<TrainedRun> runs) {
        var summaries = new EnumMap<Figure, Summary>(Figure.class);
        for (var figure : Figure.values()) {
            var finals = aggregate(runs, figure, 1, run -> run.finalOf(figure));
            var lastThree = aggregate(runs, figure, TrainedRun.LAST_THREE, run -> run.lastThree(figure));
            var bests = Aggregate.of(scores(runs, run -> run.bestOf(figure)));
            if (figure == Figure.RETURN || bests.count() > 0) {
                var last = runs.stream()
                        .map(run -> run.last(FIVE, figure))
                        .filter(five -> five.getCount() > 0)
                        .toList();
                var mean = last.stream().mapToDouble(DoubleSummaryStatistics::getAverage);
                var min = last.stream().mapToDouble(DoubleSummaryStatistics::getMin);
                summaries.put(
                        figure,
                        new Summary(
                                finals,
                                lastThree,
                                bests,
                                mean.average().orElse(Double.NaN),
                                min.min().orElse(Double.NaN)));
            }
        }
        return Collections.unmodifiableMap(summaries);
    }

    /** With an interval as far as the seeds played the same episodes. */
    private static Aggregate aggregate(
            List<TrainedRun> runs, Figure figure, int checkpoints, Function<TrainedRun, Optional<Double>> score) {
        var episodes = runs.stream()
                .filter(run -> score.apply(run).isPresent())
                .map(run -> run.episodes(checkpoints, figure))
                .toList();
        var shared = episodes.stream()
                .map(Map::keySet)
                .reduce((some, others) -> {
                    var both = new TreeSet<>(some);
                    both.retainAll(others);
                    return both;
                })
                .orElse(Set.of());
        var aggregate = Aggregate.of(
                scores(runs, score),
                episodes.stream()
                        .map(seed -> shared.stream().mapToDouble(seed::get).toArray())
                        .toArray(double[][]::new));
        return figure == Figure.SUCCESS ? aggregate.within(0, 100) : aggregate;
    }

    /** Of the mean returns at the last evaluated checkpoints. */
    public Aggregate finals() {
        return returns().finals();
    }

    /** Of the mean returns at the last three evaluated checkpoints. */
    public Aggregate lastThree() {
        return returns().lastThree();
    }

    /** Of the mean returns at the best evaluated checkpoints. */
    public Aggregate bests() {
        return returns().bests();
    }

    /** "10 of 12 episodes" are what its final figures are the means of, where some are missing; empty if none is. */
    Optional<String> finalsInPart() {
        if (runs.stream().noneMatch(run -> run.lastGap().isPresent())) {
            return Optional.empty();
        }
        var played = 0;
        var asked = 0;
        for (var run : runs) {
            var whole = run.evaluations().isEmpty()
                    ? 0
                    : run.evaluations().get(run.evaluations().size() - 1).episodes();
            played += run.lastGap().map(TrainedRun.Gap::played).orElse(whole);
            asked += run.lastGap().map(TrainedRun.Gap::asked).orElse(whole);
        }
        return Optional.of(played + " of " + asked + " episodes");
    }

    /** The figure, if it was measured of any seed. */
    public Optional<Summary> summary(Figure figure) {
        return Optional.ofNullable(summaries.get(figure))
                .filter(summary -> summary.bests().count() > 0);
    }

    private Summary returns() {
        return Objects.requireNonNull(summaries.get(Figure.RETURN));
    }

    /** What it is to be compared with: {@code published} of its name on its subset, or else of its name. */
    Optional<Published> published(Map<String, Published> published) {
        return Optional.ofNullable(published.get(name + ON + subset))
                .or(() -> Optional.ofNullable(published.get(name)));
    }

    /** After how many updates its runs went on with data of their own, if they did. */
    OptionalLong switchedAt() {
        return runs.stream().flatMapToLong(run -> run.switchedAt().stream()).findFirst();
    }

    /** The mean over seeds; NaN if none was measured. */
    public double updatesPerSecond() {
        return runs.stream()
                .mapToDouble(TrainedRun::updatesPerSecond)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** The most updates of any seed; one that diverged or failed did fewer. */
    public long updates() {
        return runs.stream().mapToLong(TrainedRun::updates).max().orElse(0);
    }

    /** How many seeds ended how. */
    public Map<String, Long> outcomes() {
        return runs.stream().collect(Collectors.groupingBy(TrainedRun::outcome, TreeMap::new, Collectors.counting()));
    }

    /** What the row is called in charts: its name, which on several subsets is not enough. */
    String label(List<Result> all) {
        var same = all.stream().filter(other -> other.name().equals(name)).count();
        return same == 1 ? name : name + ON + subset;
    }

    /** The configuration in a line. */
    String configText() {
        var flat = flatten(config);
        return flat.isEmpty()
                ? "defaults"
                : flat.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
    }

    /** Mean and spread over seeds of a metric. */
    List<LineChart.Point> metric(String metric) {
        return points(run -> run.metric(metric));
    }

    /** Nested sections as one level, with dots in the keys. */
    static Map<String, Object> flatten(Map<String, Object> config) {
        var flat = new LinkedHashMap<String, Object>();
        config.forEach((key, value) -> {
            if (value instanceof Map<?, ?> section) {
                var inner = new LinkedHashMap<String, Object>();
                section.forEach((name, item) -> inner.put(key + "." + name, item));
                flat.putAll(flatten(inner));
            } else {
                flat.put(key, value);
            }
        });
        return flat;
    }

    /** What each seed measured; nothing of one alone, which the mean is. */
    List<LineChart.Single> singles(Function<TrainedRun, List<TrainedRun.Logged>> curve) {
        return runs.size() == 1
                ? List.of()
                : runs.stream()
                        .map(run -> new LineChart.Single(
                                run.seed(),
                                curve.apply(run).stream()
                                        .map(logged ->
                                                new LineChart.Point(logged.step(), logged.value(), Double.NaN, 1))
                                        .toList()))
                        .filter(single -> !single.points().isEmpty())
                        .toList();
    }

    /** Mean and spread over seeds of what was measured after each number of updates. */
    List<LineChart.Point> points(Function<TrainedRun, List<TrainedRun.Logged>> curve) {
        var steps = new TreeMap<Long, List<Double>>();
        for (var run : runs) {
            for (var logged : curve.apply(run)) {
                steps.computeIfAbsent(logged.step(), step -> new ArrayList<>()).add(logged.value());
            }
        }
        var points = new ArrayList<LineChart.Point>();
        steps.forEach((step, values) -> {
            var numbers = values.stream().mapToDouble(Double::doubleValue).toArray();
            var mean =
                    values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
            points.add(new LineChart.Point(
                    step,
                    mean,
                    Aggregate.standardDeviation(numbers),
                    numbers.length,
                    StatUtils.min(numbers),
                    StatUtils.max(numbers)));
        });
        return points;
    }

    private static double[] scores(List<TrainedRun> runs, Function<TrainedRun, Optional<Double>> score) {
        return runs.stream()
                .map(score)
                .flatMap(Optional::stream)
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .toArray();
    }
}
