package io.hindcast.report.chart;

import io.hindcast.report.chart.Frame.Range;
import java.util.List;

/**
 * Points of two finite quantities.
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
