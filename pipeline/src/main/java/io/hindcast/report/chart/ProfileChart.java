package io.hindcast.report.chart;

import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Performance profiles: which share of runs scores more than a threshold, each with a band where it lies.
 *
 * @param xLabel what is scored
 * @param lines at least one
 */
public record ProfileChart(String title, String xLabel, List<Line> lines) implements Chart {
    private static final double WIDTH = 1040;
    private static final double HEIGHT = 400;
    private static final int FEW = 12;

    /**
     * A profile.
     *
     * @param color which of the page's colours, from 0; they repeat
     * @param points by rising threshold, at least one
     */
    public record Line(String name, int color, List<Point> points) {
        private String style() {
            return "c" + color % Style.COLORS;
        }
    }

    /**
     * A point of a profile.
     *
     * @param share of runs that score more than {@code threshold}, 0 to 1
     * @param low where the band begins; NaN where there is none
     * @param high where it ends; likewise
     */
    public record Point(double threshold, double share, double low, double high) {}

    @Override
    public String svg() {
        var xs = Range.of(lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::threshold));
        var frame = new Frame(
                new Frame.Words(title, xLabel, "share of runs above", instead()),
                WIDTH,
                HEIGHT,
                xs,
                new Range(0, 1),
                Scale.LINEAR,
                lines.stream()
                        .map(line -> new Entry(line.name(), Mark.BOX, "fill " + line.style()))
                        .toList());
        lines.forEach(line -> drawBand(frame, line));
        lines.forEach(line -> draw(frame, line));
        return frame.svg();
    }

    private static void drawBand(Frame frame, Line line) {
        var points = line.points().stream()
                .filter(point -> Double.isFinite(point.low()) && Double.isFinite(point.high()))
                .toList();
        if (points.isEmpty()) {
            return;
        }
        var path = new StringBuilder("M");
        points.forEach(point -> path.append(at(frame, point.threshold(), point.high())));
        for (var i = points.size() - 1; i >= 0; i--) {
            path.append(at(frame, points.get(i).threshold(), points.get(i).low()));
        }
        frame.data().empty("path", "class", "band " + line.style(), "d", path.append('Z'));
    }

    private static void draw(Frame frame, Line line) {
        var out = frame.data().open("g", "class", "series " + line.style());
        var path = new StringBuilder("M");
        line.points().forEach(point -> path.append(at(frame, point.threshold(), point.share())));
        out.empty("path", "class", "line", "d", path);
        for (var point : line.points()) {
            out.open(
                    "circle",
                    "class",
                    "dot hidden",
                    "cx",
                    frame.x.at(point.threshold()),
                    "cy",
                    frame.y.at(point.share()),
                    "r",
                    4);
            out.leaf("title", tooltip(line, point)).close();
        }
        out.close();
    }

    private static String tooltip(Line line, Point point) {
        var band = Numbers.range(100 * point.low(), 100 * point.high());
        return line.name() + "\nabove " + Numbers.plain(point.threshold()) + ": " + Numbers.percent(point.share())
                + (band.equals(Numbers.ABSENT) ? "" : " (" + band + ")");
    }

    private static String at(Frame frame, double threshold, double share) {
        return Markup.coordinate(frame.x.at(threshold)) + " " + Markup.coordinate(frame.y.at(share)) + " ";
    }

    /** Where half of the runs lie. */
    private String instead() {
        return lines.stream()
                .limit(FEW)
                .map(line -> "half of the runs of " + line.name() + " score more than "
                        + Numbers.plain(line.points().stream()
                                .filter(point -> point.share() >= 0.5)
                                .mapToDouble(Point::threshold)
                                .max()
                                .orElse(line.points().get(0).threshold())))
                .collect(Collectors.joining("; ", title + ": ", ""));
    }
}
