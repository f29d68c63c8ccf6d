package io.hindcast.report.chart;

import io.hindcast.report.chart.Frame.Range;
import java.util.List;

/**
 * Points of two finite quantities in the same units, and the line on which both are equal.
 *
 * @param points at least one
 */
public record ScatterPlot(String title, String xLabel, String yLabel, List<Point> points) implements Chart {
    private static final double WIDTH = 500;
    private static final double HEIGHT = 400;

    /** A point, which says its name. */
    public record Point(String name, double x, double y) {}

    @Override
    public String svg() {
        var frame = new Frame(
                new Frame.Words(title, xLabel, yLabel),
                WIDTH,
                HEIGHT,
                Range.of(points.stream().mapToDouble(Point::x)).padded(0.06),
                Range.of(points.stream().mapToDouble(Point::y)).padded(0.06),
                Axis.Scale.LINEAR,
                List.of());
        var low = Math.min(frame.x.low(), frame.y.low());
        var high = Math.max(frame.x.high(), frame.y.high());
        frame.clipped()
                .segment("reference r0", frame.x.at(low), frame.y.at(low), frame.x.at(high), frame.y.at(high))
                .close();
        var out = frame.data().open("g", "class", "series c0");
        for (var point : points) {
            out.open("circle", "class", "dot", "cx", frame.x.at(point.x()), "cy", frame.y.at(point.y()), "r", 4.5);
            out.leaf("title", point.name() + ": " + Numbers.plain(point.x()) + ", " + Numbers.plain(point.y()))
                    .close();
        }
        out.close();
        return frame.svg();
    }
}
