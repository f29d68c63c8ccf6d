package io.hindcast.report.chart;

import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Range;
import io.hindcast.report.chart.LineChart.Point;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Means over seeds against a setting, with a bar of one standard deviation on either side. Where the settings above zero span two
 * powers of ten or more and none is below zero, their axis is logarithmic; zero stands at its left end.
 *
 * @param points by rising setting, at least one with a finite mean
 * @param color which of the page's colours, from 0; they repeat
 * @param references finite levels to compare with, drawn as dashed lines; two can be told apart
 */
public record SweepChart(
        String title, String xLabel, String yLabel, int color, List<Point> points, List<Reference> references)
        implements Chart {
    private static final double WIDTH = 500;
    private static final double HEIGHT = 320;
    private static final double DECADES = 2;

    @Override
    public String svg() {
        var shown =
                points.stream().filter(point -> Double.isFinite(point.mean())).toList();
        var values = DoubleStream.concat(
                shown.stream().flatMapToDouble(point -> DoubleStream.of(point.low(), point.high())),
                references.stream().mapToDouble(Reference::value));
        var scale = scale();
        var frame = new Frame(
                new Frame.Words(title, scale == Scale.LINEAR ? xLabel : xLabel + " (log scale)", yLabel),
                WIDTH,
                HEIGHT,
                range(scale),
                scale,
                Range.of(values).padded(0.06),
                Scale.LINEAR,
                Entry.of(references));
        frame.drawAcross(references);
        draw(frame, shown);
        return frame.svg();
    }

    private Scale scale() {
        var settings = points.stream().mapToDouble(Point::x).summaryStatistics();
        var positive = positive().summaryStatistics();
        if (settings.getMin() < 0
                || positive.getCount() == 0
                || Math.log10(positive.getMax() / positive.getMin()) < DECADES - 1e-9) {
            return Scale.LINEAR;
        }
        return settings.getMin() == 0 ? Scale.LOGARITHMIC_FROM_ZERO : Scale.LOGARITHMIC;
    }

    /** With some room beside the first and the last point, which a linear axis needs less of. */
    private Range range(Scale scale) {
        if (scale == Scale.LINEAR) {
            return Range.of(points.stream().mapToDouble(Point::x)).padded(0.03);
        }
        var positive = positive().summaryStatistics();
        return scale == Scale.LOGARITHMIC
                ? new Range(positive.getMin() / 1.2, positive.getMax() * 1.2)
                : new Range(positive.getMin() / 10, positive.getMax() * 1.2);
    }

    private DoubleStream positive() {
        return points.stream().mapToDouble(Point::x).filter(value -> value > 0);
    }

    private void draw(Frame frame, List<Point> shown) {
        var out = frame.data().open("g", "class", "series c" + color % Style.COLORS);
        var line = new StringBuilder("M");
        for (var point : shown) {
            line.append(Markup.coordinate(frame.x.at(point.x()))).append(' ');
            line.append(Markup.coordinate(frame.y.at(point.mean()))).append(' ');
        }
        out.empty("path", "class", "line", "d", line);
        for (var point : shown) {
            var x = frame.x.at(point.x());
            if (point.high() > point.low()) {
                var low = frame.y.at(point.low());
                var high = frame.y.at(point.high());
                out.segment("bar", x, low, x, high);
                out.segment("bar", x - 4, low, x + 4, low);
                out.segment("bar", x - 4, high, x + 4, high);
            }
            out.open("circle", "class", "dot", "cx", x, "cy", frame.y.at(point.mean()), "r", 4.5);
            out.leaf("title", tooltip(point)).close();
        }
        out.close();
    }

    private String tooltip(Point point) {
        return xLabel + " " + Numbers.plain(point.x()) + ": " + Numbers.spread(point.mean(), point.spread())
                + (point.seeds() == 1 ? " (1 seed)" : " (" + point.seeds() + " seeds)");
    }
}
