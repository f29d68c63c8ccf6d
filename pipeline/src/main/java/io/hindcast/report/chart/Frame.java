package io.hindcast.report.chart;

import io.hindcast.report.chart.Axis.Scale;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;

/** What charts have in common: title, legend, axes with ticks and labels, and the room they take. */
final class Frame {
    private static final double FONT = 13;
    private static final double LINE = 20;
    private static final double INDENT = 22;
    private static final double RIGHT = 18;
    private static final double BOTTOM = 48;

    /** What is longer is shown without its middle. */
    private static final int LONGEST_ENTRY = 44;

    private static final int LONGEST_NAME = 40;

    /** An inclusive range of values, widened where it is empty. */
    record Range(double low, double high) {
        /** Beyond it a range and its margins would overflow. */
        private static final double MOST = Double.MAX_VALUE / 4;

        /** That of the values that are finite; [0, 1] if none is. */
        static Range of(DoubleStream values) {
            var summary = values.filter(Double::isFinite)
                    .map(value -> Math.max(-MOST, Math.min(MOST, value)))
                    .summaryStatistics();
            if (summary.getCount() == 0) {
                return new Range(0, 1);
            }
            if (summary.getMin() < summary.getMax()) {
                return new Range(summary.getMin(), summary.getMax());
            }
            var half = Math.max(0.5, Math.abs(summary.getMin()) / 10);
            return new Range(summary.getMin() - half, summary.getMin() + half);
        }

        Range padded(double share) {
            var padding = share * (high - low);
            return new Range(low - padding, high + padding);
        }
    }

    /**
     * The words around a chart.
     *
     * @param instead what somebody is told who cannot see the picture
     */
    record Words(String title, String xLabel, String yLabel, String instead) {
        Words(String title, String xLabel, String yLabel) {
            this(title, xLabel, yLabel, title);
        }
    }

    enum Mark {
        BOX,
        LINE
    }

    /** A mark in the chart's colours and what it stands for. */
    record Entry(String label, Mark mark, String style) {
        double width() {
            return INDENT + textWidth(StringUtils.abbreviateMiddle(label, "…", LONGEST_ENTRY)) + 18;
        }

        /** Levels with their values. */
        static List<Entry> of(List<Reference> references) {
            return IntStream.range(0, references.size())
                    .mapToObj(i -> new Entry(
                            references.get(i).name() + " "
                                    + Numbers.plain(references.get(i).value()),
                            Mark.LINE,
                            style(i)))
                    .toList();
        }

        private static String style(int reference) {
            return "reference r" + reference % 2;
        }
    }

    final Axis x;
    final Axis y;
    private final double width;
    private final double height;
    private final List<String> names;
    private final List<String> notes;
    private final Markup out = new Markup();

    /** As the other, with a linear axis to the right. */
    Frame(Words words, double width, double height, Range xs, Range ys, Scale yScale, List<Entry> legend) {
        this(words, width, height, xs, Scale.LINEAR, ys, yScale, legend);
    }

    /** With a row for each name, from above: row 0 is at 0 of the upright axis, row 1 at -1; its note stands at the right end. */
    Frame(
            Words words,
            double width,
            double height,
            Range xs,
            Scale xScale,
            List<String> names,
            List<String> notes,
            List<Entry> legend) {
        this(words, width, height, xs, xScale, new Range(0.5 - names.size(), 0.5), Scale.LINEAR, legend, names, notes);
    }

    /** Draws everything but the data; {@code height} is the whole picture's. */
    Frame(
            Words words,
            double width,
            double height,
            Range xs,
            Scale xScale,
            Range ys,
            Scale yScale,
            List<Entry> legend) {
        this(words, width, height, xs, xScale, ys, yScale, legend, List.of(), List.of());
    }

    private Frame(
            Words words,
            double width,
            double height,
            Range xs,
            Scale xScale,
            Range ys,
            Scale yScale,
            List<Entry> legend,
            List<String> names,
            List<String> notes) {
        this.width = width;
        this.height = height;
        this.names = names;
        this.notes = notes;
        var top = 34 + LINE * rows(legend, width) + (legend.isEmpty() ? 0 : 8);
        y = axis(ys, yScale, names.isEmpty() ? 5 : names.size(), height - BOTTOM, top);
        var left = LINE
                + widest(y.ticks().stream()
                        .map(this::yLabel)
                        .map(name -> StringUtils.abbreviateMiddle(name, "…", LONGEST_NAME)))
                + 12;
        var right = width - RIGHT - widest(notes.stream());
        x = axis(xs, xScale, Math.max(2, (int) (right - left) / 90), left, right);
        var box = "0 0 " + Markup.coordinate(width) + " " + Markup.coordinate(height);
        out.open(
                "svg",
                "class",
                width > 600 ? "wide" : width > 400 ? "small" : "tiny",
                "viewBox",
                box,
                "role",
                "img",
                "aria-label",
                words.instead());
        out.words("title", "start", 4, 18, words.title(), (int) (width / 8.5));
        drawLegend(legend);
        drawAxes(words, top);
    }

    private static Axis axis(Range range, Scale scale, int ticks, double from, double to) {
        return switch (scale) {
            case LINEAR -> Axis.linear(range.low(), range.high(), ticks, from, to);
            case LOGARITHMIC -> Axis.logarithmic(range.low(), range.high(), ticks, from, to);
            case LOGARITHMIC_FROM_ZERO -> Axis.logarithmicFromZero(range.low(), range.high(), ticks, from, to);
        };
    }

    /** Where the data goes. */
    Markup data() {
        return out;
    }

    /** What is drawn until the next {@code close()} ends at the axes. */
    Markup clipped() {
        var w = x.to() - x.from();
        var h = y.from() - y.to();
        var box = new StringBuilder();
        for (var number : new double[] {x.from(), y.to(), w, h}) {
            box.append(Markup.coordinate(number)).append(' ');
        }
        return out.open(
                "svg",
                "x",
                x.from(),
                "y",
                y.to(),
                "width",
                w,
                "height",
                h,
                "viewBox",
                box.toString().strip());
    }

    String svg() {
        return out.close().toString();
    }

    /** Draws levels of the upright axis across the chart. */
    void drawAcross(List<Reference> references) {
        for (var i = 0; i < references.size(); i++) {
            var level = y.at(references.get(i).value());
            out.segment(Entry.style(i), x.from(), level, x.to(), level);
        }
    }

    /** Draws levels of the other axis from below to above, as far as they are within. */
    void drawUpright(List<Reference> references) {
        clipped();
        for (var i = 0; i < references.size(); i++) {
            var level = x.at(references.get(i).value());
            out.segment(Entry.style(i), level, y.from(), level, y.to());
        }
        out.close();
    }

    private static double widest(Stream<String> texts) {
        return texts.mapToDouble(Frame::textWidth).max().orElse(0);
    }

    /** How wide a text will be, on the safe side; fonts differ from machine to machine. */
    static double textWidth(String text) {
        return 0.57 * FONT * text.codePointCount(0, text.length());
    }

    private static int rows(List<Entry> legend, double width) {
        var rows = 0;
        var x = Double.POSITIVE_INFINITY;
        for (var entry : legend) {
            if (x + entry.width() > width) {
                rows++;
                x = 4;
            }
            x += entry.width();
        }
        return rows;
    }

    private void drawLegend(List<Entry> legend) {
        var row = 0;
        var atX = Double.POSITIVE_INFINITY;
        for (var entry : legend) {
            if (atX + entry.width() > width) {
                row++;
                atX = 4;
            }
            var base = 26 + LINE * row;
            if (entry.mark() == Mark.LINE) {
                out.segment(entry.style(), atX, base - 4, atX + 16, base - 4);
            } else {
                out.empty("rect", "class", entry.style(), "x", atX, "y", base - 9, "width", 14, "height", 9, "rx", 2);
            }
            out.words("legend", "start", atX + INDENT, base, entry.label(), LONGEST_ENTRY);
            atX += entry.width();
        }
    }

    private String yLabel(double tick) {
        return names.isEmpty() ? y.label(tick) : names.get((int) -Math.round(tick));
    }

    private void drawAxes(Words words, double top) {
        for (var tick : y.ticks()) {
            out.segment("grid", x.from(), y.at(tick), x.to(), y.at(tick));
            out.words("label", "end", x.from() - 8, y.at(tick) + 4, yLabel(tick), LONGEST_NAME);
        }
        for (var row = 0; row < notes.size(); row++) {
            out.words("note", "start", x.to() + 10, y.at(-row) + 4, notes.get(row));
        }
        for (var tick : x.ticks()) {
            out.segment("tick", x.at(tick), y.from(), x.at(tick), y.from() + 5);
            out.words("label", "middle", x.at(tick), y.from() + 19, x.label(tick));
        }
        out.segment("tick", x.from(), y.from(), x.to(), y.from());
        out.words("label", "middle", (x.from() + x.to()) / 2, height - 8, words.xLabel());
        if (words.yLabel().isEmpty()) {
            return;
        }
        var turned = "translate(14 " + Markup.coordinate((top + y.from()) / 2) + ") rotate(-90)";
        out.leaf("text", words.yLabel(), "class", "label", "text-anchor", "middle", "transform", turned);
    }
}
