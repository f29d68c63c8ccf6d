package io.hindcast.report.chart;

import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * How often values fall into bins, and which share of each bin some parts of the whole have.
 *
 * @param bins where the bins lie
 * @param whole the counts of everything, one a bin
 * @param parts the counts of parts of it, drawn side by side before the whole
 */
public record Histogram(String title, String xLabel, String yLabel, Bins bins, Layer whole, List<Layer> parts)
        implements Chart {
    private static final double WIDTH = 500;
    private static final double HEIGHT = 400;

    /** {@code count} bins of the same {@code width}, the first one from {@code low} on. */
    public record Bins(double low, double width, int count) {
        /** About {@code about} bins at round numbers that hold every value of {@code [low, high]}. */
        public static Bins over(double low, double high, int about) {
            var width = high > low ? Axis.niceStep((high - low) / about) : 1;
            var first = Math.floor(low / width);
            return new Bins(first * width, width, (int) (Math.floor(high / width) - first) + 1);
        }

        public double edge(int bin) {
            return low + bin * width;
        }
    }

    /**
     * A count for each bin.
     *
     * @param color which of the page's colours, from 0; the whole has its own
     */
    public record Layer(String name, int color, List<Long> counts) {}

    @Override
    public String svg() {
        var legend = new ArrayList<Entry>();
        // Alone, the whole needs not stand back behind its parts.
        var wholeStyle = parts.isEmpty() ? "fill c" + whole.color() % Style.COLORS : "whole";
        legend.add(new Entry(whole.name(), Mark.BOX, wholeStyle));
        parts.forEach(part -> legend.add(new Entry(part.name(), Mark.BOX, "fill c" + part.color() % Style.COLORS)));
        var most = whole.counts().stream().mapToDouble(count -> count).max().orElse(0);
        var frame = new Frame(
                new Frame.Words(title, xLabel, yLabel),
                WIDTH,
                HEIGHT,
                Range.of(DoubleStream.of(bins.edge(0), bins.edge(bins.count()))),
                new Range(0, Math.max(1, most * 1.05)),
                Scale.LINEAR,
                legend);
        for (var bin = 0; bin < bins.count(); bin++) {
            var left = frame.x.at(bins.edge(bin)) + 0.75;
            var room = frame.x.at(bins.edge(bin + 1)) - 0.75 - left;
            bar(frame, whole, wholeStyle, bin, left, room);
            var share = room / Math.max(1, parts.size());
            for (var i = 0; i < parts.size(); i++) {
                var part = parts.get(i);
                bar(frame, part, "fill c" + part.color() % Style.COLORS, bin, left + i * share, share);
            }
        }
        return frame.svg();
    }

    private void bar(Frame frame, Layer layer, String style, int bin, double left, double width) {
        var count = layer.counts().get(bin);
        if (count == 0) {
            return;
        }
        var top = frame.y.at(count);
        frame.data()
                .open("rect", "class", style, "x", left, "y", top, "width", width, "height", frame.y.from() - top)
                .leaf(
                        "title",
                        layer.name() + "\n" + Numbers.plain(bins.edge(bin)) + " to " + Numbers.plain(bins.edge(bin + 1))
                                + ": " + Numbers.whole(count))
                .close();
    }
}
