package io.hindcast.report;

import io.hindcast.config.Json;
import io.hindcast.promote.KeptPromise;
import io.hindcast.report.chart.LineChart;
import io.hindcast.report.chart.LineChart.Point;
import io.hindcast.report.chart.LineChart.Series;
import io.hindcast.report.chart.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What champions were promised to earn and did, as a page and for programs. */
public final class PromisesPage {
    private PromisesPage() {}

    /** The page, in UTF-8: a table, and a line over the files of the log, in their order. */
    public static String html(List<KeptPromise> promises) {
        var broken = promises.stream()
                .filter(promise -> promise.part() == null && !promise.isKept())
                .toList();
        var page = new Page(
                "Promised and earned",
                promises.isEmpty()
                        ? "No version of the registry that was promised anything has acted in this log."
                        : broken.isEmpty()
                                ? "Every champion earns what it was promised to earn, as far as this log tells."
                                : "A promise is broken: " + broken.get(0).broken() + ".");
        page.table(
                "Version", "Log", "#Promised", "#From", "#To", "#Earned", "#From", "#To", "#Episodes", "Promise kept");
        for (var promise : promises) {
            page.out().open("tr");
            page.word("v" + promise.version() + " (" + promise.policy() + ")");
            page.word(promise.part() == null ? "all" : promise.part());
            page.number(number(promise.promised().value()));
            page.number(number(promise.promised().low()));
            page.number(number(promise.promised().high()));
            page.number(number(promise.realised()));
            page.number(number(promise.realisedLow()));
            page.number(number(promise.realisedHigh()));
            page.number(Numbers.whole(promise.episodes()));
            page.word(promise.isKept() ? "yes" : "NO");
            page.out().close();
        }
        page.endTable();
        var parts = promises.stream().filter(promise -> promise.part() != null).toList();
        if (!parts.isEmpty()) {
            page.heading("Over time");
            page.figure(chart(parts));
            page.soft(
                    "Each point is a file of the log in which the champion acted. A promise is broken where the whole interval of"
                            + " what was earned lies below what was promised.");
        }
        return page.html();
    }

    private static LineChart chart(List<KeptPromise> parts) {
        var earned = new ArrayList<Point>();
        var least = new ArrayList<Point>();
        var most = new ArrayList<Point>();
        IntStream.range(0, parts.size()).forEach(i -> {
            var part = parts.get(i);
            var low = value(part.realisedLow());
            earned.add(new Point(i + 1, value(part.realised()), value(part.realised()) - low, 1));
            least.add(new Point(i + 1, value(part.promised().low()), Double.NaN, 1));
            most.add(new Point(i + 1, value(part.promised().high()), Double.NaN, 1));
        });
        return new LineChart(
                "Return of an episode",
                "file of the log",
                "return of an episode",
                LineChart.Size.WIDE,
                List.of(
                        new Series("earned", 0, earned),
                        new Series("promised at least", 1, least),
                        new Series("promised at most", 2, most)),
                List.of(),
                List.of());
    }

    /** A list with an object for each row. */
    public static String json(List<KeptPromise> promises) {
        var rows = new ArrayList<Map<String, @Nullable Object>>();
        for (var promise : promises) {
            var row = new LinkedHashMap<String, @Nullable Object>();
            row.put("version", promise.version());
            row.put("policy", promise.policy());
            row.put("part", promise.part());
            row.put("promised", promise.promised());
            row.put("episodes", promise.episodes());
            row.put("realised", promise.realised());
            row.put("realised_low", promise.realisedLow());
            row.put("realised_high", promise.realisedHigh());
            row.put("kept", promise.isKept());
            rows.add(row);
        }
        return Json.lines(Map.of("promises", rows)) + "\n";
    }

    private static String number(@Nullable Double value) {
        return value == null ? Numbers.ABSENT : Numbers.plain(value);
    }

    private static double value(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }
}
