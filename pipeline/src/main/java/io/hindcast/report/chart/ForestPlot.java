package io.hindcast.report.chart;

import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Range;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Estimates with their intervals, one below the other, and what they are made of. Where every number is above zero and they span more
 * than three powers of ten, the axis is logarithmic.
 *
 * @param title of the picture
 * @param xLabel what is estimated
 * @param rows from above, at least one
 * @param references finite levels to compare with, drawn as dashed lines
 */
public record ForestPlot(String title, String xLabel, List<Row> rows, List<Reference> references) implements Chart {
    private static final double WIDTH = 900;
    private static final double ROW = 26;
    private static final double AROUND = 110;
    private static final int MOST_IN_WORDS = 12;

    /** What a row is: each looks different in shape, not in colour alone. */
    public enum Kind {
        ESTIMATE("estimate"),
        /** What others are compared with. */
        BASELINE("baseline"),
        /** A number that cannot be relied upon; its place decides nothing of what is seen. */
        REFUSED("refused");

        private final String style;

        Kind(String style) {
            this.style = style;
        }
    }

    /**
     * An estimate; numbers that are not finite are not drawn.
     *
     * @param low the interval's lower end; NaN where there is none
     * @param color which of the page's colours, from 0; they repeat
     * @param parts the numbers that {@code value} is the mean of, if they are to be seen
     * @param note at the right end of the row
     */
    public record Row(
            String name, Kind kind, double value, double low, double high, int color, List<Double> parts, String note) {
        private DoubleStream numbers() {
            return DoubleStream.concat(
                            DoubleStream.of(value, low, high), parts.stream().mapToDouble(part -> part))
                    .filter(Double::isFinite);
        }

        private boolean hasInterval() {
            return Double.isFinite(low) && Double.isFinite(high);
        }
    }

    @Override
    public String svg() {
        var trusted = rows.stream().filter(row -> row.kind() != Kind.REFUSED).toList();
        var shown = trusted.isEmpty() ? rows : trusted;
        var values = DoubleStream.concat(
                        references.stream().mapToDouble(Reference::value),
                        shown.stream().flatMapToDouble(Row::numbers))
                .toArray();
        var scale = Scale.of(DoubleStream.of(values));
        var range = Range.of(DoubleStream.of(values));
        var frame = new Frame(
                new Frame.Words(title, scale == Scale.LINEAR ? xLabel : xLabel + " (log scale)", "", instead()),
                WIDTH,
                AROUND + ROW * rows.size(),
                scale == Scale.LINEAR ? range.padded(0.04) : new Range(range.low() / 1.3, range.high() * 1.3),
                scale,
                rows.stream().map(Row::name).toList(),
                rows.stream().map(Row::note).toList(),
                Entry.of(references));
        frame.drawUpright(references);
        frame.clipped();
        for (var i = 0; i < rows.size(); i++) {
            draw(frame, rows.get(i), frame.y.at(-i));
        }
        frame.data().close();
        return frame.svg();
    }

    private static void draw(Frame frame, Row row, double y) {
        var out = frame.data();
        out.open("g", "class", row.kind().style + " c" + row.color() % Style.COLORS);
        out.leaf("title", row.name() + ": " + row.note());
        if (row.hasInterval()) {
            var low = frame.x.at(row.low());
            var high = frame.x.at(row.high());
            out.segment("bar", low, y, high, y);
            out.segment("bar", low, y - 5, low, y + 5);
            out.segment("bar", high, y - 5, high, y + 5);
        }
        for (var part : row.parts()) {
            if (Double.isFinite(part)) {
                out.empty("circle", "class", "part", "cx", frame.x.at(part), "cy", y, "r", 4.5);
            }
        }
        if (Double.isFinite(row.value())) {
            drawValue(frame, row, y);
        }
        out.close();
    }

    /** Among its parts the value is an upright line, alone a dot; that of a baseline is a diamond. */
    private static void drawValue(Frame frame, Row row, double y) {
        var out = frame.data();
        var x = frame.x.at(row.value());
        if (row.kind() == Kind.BASELINE) {
            var path = new StringBuilder("M");
            for (var corner : new double[][] {{-5.5, 0}, {0, -5.5}, {5.5, 0}, {0, 5.5}}) {
                path.append(Markup.coordinate(x + corner[0])).append(' ');
                path.append(Markup.coordinate(y + corner[1])).append(' ');
            }
            out.empty("path", "class", "dot", "d", path.append('Z'));
        } else if (row.parts().isEmpty()) {
            out.empty("circle", "class", "dot", "cx", x, "cy", y, "r", 5);
        } else {
            out.segment("mean", x, y - 9, x, y + 9);
        }
    }

    private String instead() {
        return rows.stream()
                .limit(MOST_IN_WORDS)
                .map(row -> row.name() + " " + row.note())
                .collect(Collectors.joining("; ", title + ": ", ""));
    }
}
