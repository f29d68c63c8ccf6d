package io.hindcast.report.chart;

import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Estimates with their intervals, one below the other, and a level to compare them with.
 *
 * @param title of the picture
 * @param xLabel what is estimated
 * @param rows from above
 * @param levelName what the level is
 * @param level drawn as a dashed line; NaN: none
 */
public record ForestPlot(String title, String xLabel, List<Row> rows, String levelName, double level) implements Chart {
    private static final double WIDTH = 900;
    private static final double ROW = 26;
    private static final double AROUND = 110;

    /** Whether an estimate can be relied upon. */
    public enum Trust {
        USABLE,
        NOT_USABLE
    }

    /** An estimate; numbers that are not finite are not drawn. */
    public record Row(String name, double value, double low, double high, Trust trust) {}

    @Override
    public String svg() {
        var usable = rows.stream().filter(row -> row.trust() == Trust.USABLE).toList();
        // What cannot be relied upon may lie anywhere, and does not decide what is seen.
        var shown = usable.isEmpty() ? rows : usable;
        var values = DoubleStream.concat(
                DoubleStream.of(level),
                shown.stream().flatMapToDouble(row -> DoubleStream.of(row.value(), row.low(), row.high())));
        var legend = Double.isFinite(level)
                ? List.of(new Entry(levelName + " " + Numbers.plain(level), Mark.LINE, "reference r0"))
                : List.<Entry>of();
        var names = new ArrayList<>(rows.stream().map(Row::name).toList());
        Collections.reverse(names);
        var frame = new Frame(
                new Frame.Words(title, xLabel, ""),
                WIDTH,
                AROUND + ROW * rows.size(),
                Range.of(values).padded(0.05),
                names,
                legend);
        var out = frame.data();
        if (Double.isFinite(level)) {
            var at = frame.x.at(level);
            out.segment("reference r0", at, frame.y.from(), at, frame.y.to());
        }
        for (var i = 0; i < rows.size(); i++) {
            draw(frame, rows.get(i), frame.y.at(rows.size() - 1 - i));
        }
        return frame.svg();
    }

    private static void draw(Frame frame, Row row, double y) {
        var out = frame.data();
        if (!Double.isFinite(row.value())) {
            return;
        }
        frame.clipped();
        out.open("g", "class", "series c" + (row.trust() == Trust.USABLE ? 0 : 7));
        if (Double.isFinite(row.low()) && Double.isFinite(row.high())) {
            var low = frame.x.at(row.low());
            var high = frame.x.at(row.high());
            out.segment("bar", low, y, high, y);
            out.segment("bar", low, y - 4, low, y + 4);
            out.segment("bar", high, y - 4, high, y + 4);
        }
        out.open("circle", "class", "dot", "cx", frame.x.at(row.value()), "cy", y, "r", 4.5);
        out.leaf("title", tooltip(row)).close().close().close();
    }

    private static String tooltip(Row row) {
        return row.name() + ": " + Numbers.plain(row.value()) + " (" + Numbers.plain(row.low()) + " to "
                + Numbers.plain(row.high()) + ")" + (row.trust() == Trust.USABLE ? "" : ", not usable");
    }
}
