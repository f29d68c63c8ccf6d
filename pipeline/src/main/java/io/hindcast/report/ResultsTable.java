package io.hindcast.report;

import io.hindcast.judge.Estimate.Interval;
import io.hindcast.report.chart.Numbers;
import io.hindcast.score.Aggregate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;

/** The results as lines for a terminal, in ASCII alone: a console may not know more. */
public final class ResultsTable {
    private ResultsTable() {}

    /**
     * A line of headings and one a result or a baseline, by falling final return; none without results. What was measured of no
     * result has no column.
     */
    public static List<String> lines(ReportData report) {
        var results = report.results();
        var published = report.published();
        if (results.isEmpty()) {
            return List.of();
        }
        var figures = Stream.of(Figure.SCORE, Figure.SUCCESS)
                .filter(figure -> results.stream()
                        .anyMatch(result -> result.summary(figure).isPresent()))
                .toList();
        var rows = new ArrayList<List<String>>();
        var hasIntervals = results.stream()
                .anyMatch(result -> Double.isFinite(result.finals().interval().low()));
        var hasCurves = report.hasCurves();
        var head = new ArrayList<>(List.of("name", "subset", "learner", "seeds", "final return"));
        if (hasIntervals) {
            head.add(Numbers.percent(Aggregate.CONFIDENCE) + " interval");
        }
        if (hasCurves) {
            head.addAll(List.of("last three", "best return"));
        }
        figures.forEach(figure -> head.add(figure == Figure.SUCCESS ? "success %" : figure.key()));
        if (!published.isEmpty()) {
            head.addAll(List.of("published", "target"));
        }
        head.addAll(List.of("updates", "updates/s", "outcome"));
        rows.add(head);
        var baselines = new ArrayDeque<>(report.baselines());
        for (var result : results) {
            while (!baselines.isEmpty() && baselines.peek().mean() > result.worth()) {
                rows.add(baseline(baselines.remove(), head.size(), hasIntervals));
            }
            var row = new ArrayList<>(List.of(
                    result.name(),
                    result.subset(),
                    result.learner(),
                    Integer.toString(result.runs().size()),
                    spread(result.finals())
                            + result.finalsInPart()
                                    .map(part -> " (" + part + ")")
                                    .orElse("")));
            if (hasIntervals) {
                row.add(interval(result.finals().interval()));
            }
            if (hasCurves) {
                row.add(spread(result.lastThree()));
                row.add(spread(result.bests()));
            }
            figures.forEach(figure -> row.add(result.summary(figure)
                    .map(summary -> spread(summary.finals()))
                    .orElse("-")));
            if (!published.isEmpty()) {
                row.addAll(compared(result, published));
            }
            row.addAll(List.of(
                    Numbers.ascii(Numbers.whole(result.updates())),
                    Numbers.ascii(Numbers.whole(result.updatesPerSecond())),
                    result.outcomes().entrySet().stream()
                            .map(outcome -> outcome.getValue() + " " + outcome.getKey())
                            .collect(Collectors.joining(", "))));
            rows.add(row);
        }
        baselines.forEach(baseline -> rows.add(baseline(baseline, head.size(), hasIntervals)));
        return aligned(rows);
    }

    private static List<String> baseline(ReportData.Baseline baseline, int columns, boolean hasIntervals) {
        var row =
                new ArrayList<>(List.of(baseline.name(), "-", "-", "-", Numbers.ascii(Numbers.plain(baseline.mean()))));
        if (hasIntervals) {
            row.add(interval(baseline.interval()));
        }
        while (row.size() < columns) {
            row.add("-");
        }
        return row;
    }

    private static String interval(Interval interval) {
        return Numbers.ascii(Numbers.range(interval.low(), interval.high()));
    }

    private static List<String> compared(Result result, Map<String, Published> published) {
        var figure = result.published(published);
        return List.of(
                figure.map(Published::value)
                        .map(value -> Numbers.ascii(Numbers.plain(value)))
                        .orElse("-"),
                figure.filter(known -> known.reach() != null)
                        .map(known -> Reached.of(known, result).words())
                        .orElse("-"));
    }

    private static String spread(Aggregate scores) {
        return Numbers.ascii(Numbers.spread(scores.mean(), scores.standardDeviation()));
    }

    static List<String> aligned(List<List<String>> rows) {
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (var column = 0; column < row.size(); column++) {
                var place = column;
                var width = rows.stream()
                        .mapToInt(other -> other.get(place).length())
                        .max()
                        .orElse(0);
                line.append(StringUtils.rightPad(row.get(column), width)).append("  ");
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
