package io.hindcast.report.chart;

import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Means over seeds as lines, with a band of one standard deviation on either side. Where every seed and every level to compare with is
 * above zero and they span more than three powers of ten, the vertical axis is logarithmic, and bands are from the least to the most of
 * any seed: a standard deviation below a mean is often below zero, where such an axis has no place. Lines of single seeds are there too,
 * hidden until the page's script shows them.
 *
 * @param series at least one with a finite mean; a mean that is not finite leaves a gap
 * @param references finite levels to compare with, drawn as dashed lines; two can be told apart
 * @param boundaries where something else begins, drawn as upright lines as far as the data reaches
 */
public record LineChart(
        String title,
        String xLabel,
        String yLabel,
        Size size,
        List<Series> series,
        List<Reference> references,
        List<Boundary> boundaries)
        implements Chart {
    private static final int FEW = 12;

    /** A chart is about as many pixels wide. */
    private static final int MOST_POINTS = 1000;

    /** How many points of a chart have a tooltip. */
    private static final int MOST_DOTS = 6000;

    /** How many points the lines of all single seeds have together. */
    private static final int MOST_OF_SEEDS = 3000;

    /** How much room a chart gets. */
    public enum Size {
        /** The page's width, with a legend. */
        WIDE(1040, 420),
        /** One of several side by side; the legend stands elsewhere. */
        SMALL(500, 280);

        private final double width;
        private final double height;

        Size(double width, double height) {
            this.width = width;
            this.height = height;
        }
    }

    /**
     * The mean over seeds at {@code x}.
     *
     * @param spread their sample standard deviation; NaN for one seed
     * @param seeds how many were measured here; 0 where there are no seeds
     * @param least of any seed; NaN where that is not known
     * @param most of any seed; likewise
     */
    public record Point(double x, double mean, double spread, int seeds, double least, double most) {
        /** Of seeds that nothing more is known of. */
        public Point(double x, double mean, double spread, int seeds) {
            this(x, mean, spread, seeds, Double.NaN, Double.NaN);
        }

        double low() {
            return Double.isFinite(spread) ? mean - spread : mean;
        }

        double high() {
            return Double.isFinite(spread) ? mean + spread : mean;
        }
    }

    /**
     * A line.
     *
     * @param color which of the page's colours, from 0; they repeat
     * @param singles the seeds one by one; none where that is the line itself, or too many
     */
    public record Series(String name, int color, List<Point> points, List<Single> singles) {
        /** Without single seeds. */
        public Series(String name, int color, List<Point> points) {
            this(name, color, points, List.of());
        }
    }

    /** What one seed measured. */
    public record Single(long seed, List<Point> points) {}

    /** Where something else begins; {@code name} says what, and stands beside the line. */
    public record Boundary(String name, double x) {}

    @Override
    public String svg() {
        return series.stream().allMatch(line -> line.points().size() <= MOST_POINTS)
                ? draw()
                : new LineChart(
                                title,
                                xLabel,
                                yLabel,
                                size,
                                series.stream().map(LineChart::thinned).toList(),
                                references,
                                boundaries)
                        .draw();
    }

    private static Series thinned(Series line) {
        return new Series(line.name(), line.color(), thinned(line.points(), MOST_POINTS), line.singles());
    }

    /** With as many points as can be told apart: means of neighbours, the last point of each group telling where. */
    private static List<Point> thinned(List<Point> points, int most) {
        var group = (points.size() + most - 1) / most;
        var thinned = new ArrayList<Point>();
        for (var from = 0; from < points.size() && group > 1; from += group) {
            var some = points.subList(from, Math.min(from + group, points.size()));
            thinned.add(new Point(
                    some.get(some.size() - 1).x(),
                    mean(some.stream().mapToDouble(Point::mean)),
                    mean(some.stream().mapToDouble(Point::spread)),
                    some.stream().mapToInt(Point::seeds).min().orElseThrow(),
                    some.stream().mapToDouble(Point::least).min().orElseThrow(),
                    some.stream().mapToDouble(Point::most).max().orElseThrow()));
        }
        return group > 1 ? thinned : points;
    }

    private static double mean(DoubleStream values) {
        return values.filter(Double::isFinite).average().orElse(Double.NaN);
    }

    private String draw() {
        var points = series.stream().flatMap(line -> line.points().stream()).toList();
        var scale = Scale.of(drawn());
        var values = DoubleStream.concat(
                points.stream()
                        .flatMapToDouble(point -> scale == Scale.LINEAR
                                ? DoubleStream.of(point.low(), point.mean(), point.high(), point.least(), point.most())
                                : DoubleStream.of(point.mean())),
                references.stream().mapToDouble(Reference::value));
        var ys = Range.of(values);
        var legend = new ArrayList<Entry>();
        if (size == Size.WIDE) {
            series.forEach(line -> legend.add(new Entry(line.name(), Mark.BOX, "fill " + color(line))));
        }
        legend.addAll(Entry.of(references));
        var frame = new Frame(
                new Frame.Words(title, xLabel, scale == Scale.LINEAR ? yLabel : yLabel + " (log scale)", instead()),
                size.width,
                size.height,
                Range.of(DoubleStream.concat(DoubleStream.of(0), points.stream().mapToDouble(Point::x))),
                scale == Scale.LINEAR ? ys.padded(0.05) : ys,
                scale,
                legend);
        frame.drawAcross(references);
        series.forEach(line -> drawBand(frame, line, scale));
        var singles = series.stream().mapToInt(line -> line.singles().size()).sum();
        series.forEach(line -> drawSingles(frame, line, MOST_OF_SEEDS / Math.max(1, singles)));
        var each = (points.size() + MOST_DOTS - 1) / MOST_DOTS;
        series.forEach(line -> drawLine(frame, line, each));
        boundaries.forEach(boundary -> drawBoundary(frame, boundary));
        return frame.svg();
    }

    /** All values that the chart shows; one at or below zero has no place on a logarithmic axis. */
    private DoubleStream drawn() {
        var lines = series.stream()
                .flatMap(line -> Stream.concat(
                        line.points().stream(), line.singles().stream().flatMap(single -> single.points().stream())))
                .flatMapToDouble(point -> DoubleStream.of(point.mean(), point.least()));
        return DoubleStream.concat(lines, references.stream().mapToDouble(Reference::value));
    }

    /** Where each line ends. */
    private String instead() {
        return series.stream()
                .filter(line -> !line.points().isEmpty())
                .limit(FEW)
                .map(line -> {
                    var last = line.points().get(line.points().size() - 1);
                    return line.name() + " ends at " + Numbers.spread(last.mean(), last.spread());
                })
                .collect(Collectors.joining("; ", title + ": ", ""));
    }

    private static void drawBand(Frame frame, Series line, Scale scale) {
        ToDoubleFunction<Point> low = scale == Scale.LINEAR ? Point::low : Point::least;
        ToDoubleFunction<Point> high = scale == Scale.LINEAR ? Point::high : Point::most;
        for (var piece : pieces(line.points())) {
            // Of a logarithmic axis without seeds NaN is above nothing.
            if (piece.stream().noneMatch(point -> high.applyAsDouble(point) > low.applyAsDouble(point))) {
                continue;
            }
            var path = new StringBuilder("M");
            piece.forEach(point -> path.append(at(frame, point.x(), high.applyAsDouble(point))));
            for (var i = piece.size() - 1; i >= 0; i--) {
                path.append(at(frame, piece.get(i).x(), low.applyAsDouble(piece.get(i))));
            }
            frame.data().empty("path", "class", "band " + color(line), "d", path.append('Z'));
        }
    }

    /** The lines of single seeds, each of at most so many points, or of two. */
    private static void drawSingles(Frame frame, Series line, int most) {
        if (line.singles().isEmpty()) {
            return;
        }
        var out = frame.data().open("g", "class", "singles " + color(line));
        for (var single : line.singles()) {
            for (var piece : pieces(thinned(single.points(), Math.max(2, most)))) {
                var path = new StringBuilder("M");
                piece.forEach(point -> path.append(at(frame, point.x(), point.mean())));
                out.open("path", "class", "single", "d", path)
                        .leaf("title", line.name() + ", seed " + single.seed())
                        .close();
            }
        }
        out.close();
    }

    /**
     * Draws a line.
     *
     * @param each one in so many points has a dot with a tooltip, and the last of every piece
     */
    private static void drawLine(Frame frame, Series line, int each) {
        var out = frame.data().open("g", "class", "series curve " + color(line));
        for (var piece : pieces(line.points())) {
            var path = new StringBuilder("M");
            piece.forEach(point -> path.append(at(frame, point.x(), point.mean())));
            out.empty("path", "class", "line", "d", path);
            for (var i = 0; i < piece.size(); i++) {
                if (i % each != 0 && i < piece.size() - 1) {
                    continue;
                }
                var point = piece.get(i);
                var style = piece.size() > FEW ? "dot hidden" : "dot";
                out.open("circle", "class", style, "cx", frame.x.at(point.x()), "cy", frame.y.at(point.mean()), "r", 4);
                out.leaf("title", tooltip(line, point)).close();
            }
        }
        out.close();
    }

    private static void drawBoundary(Frame frame, Boundary boundary) {
        var x = frame.x.at(boundary.x());
        if (x < frame.x.from() || x > frame.x.to()) {
            return;
        }
        var out = frame.data().open("g", "class", "boundary");
        out.leaf("title", boundary.name() + ": " + Numbers.whole(boundary.x()));
        out.segment("upright", x, frame.y.from(), x, frame.y.to());
        var outside = x + Frame.textWidth(boundary.name()) + 6 > frame.x.to();
        out.words("halo", outside ? "end" : "start", outside ? x - 6 : x + 6, frame.y.to() + 12, boundary.name());
        out.close();
    }

    private static String tooltip(Series line, Point point) {
        return line.name() + "\nat " + Numbers.whole(point.x()) + ": " + Numbers.spread(point.mean(), point.spread())
                + (point.seeds() == 0 ? "" : point.seeds() == 1 ? " (1 seed)" : " (" + point.seeds() + " seeds)");
    }

    private static String at(Frame frame, double x, double value) {
        // On a logarithmic axis a seed may be far from all means: it ends at the axis.
        var shown = Math.min(Math.max(value, frame.y.low()), frame.y.high());
        return Markup.coordinate(frame.x.at(x)) + " " + Markup.coordinate(frame.y.at(shown)) + " ";
    }

    private static String color(Series line) {
        return "c" + line.color() % Style.COLORS;
    }

    private static List<List<Point>> pieces(List<Point> points) {
        var pieces = new ArrayList<List<Point>>();
        var piece = new ArrayList<Point>();
        for (var point : points) {
            if (Double.isFinite(point.mean())) {
                piece.add(point);
            } else if (!piece.isEmpty()) {
                pieces.add(piece);
                piece = new ArrayList<>();
            }
        }
        if (!piece.isEmpty()) {
            pieces.add(piece);
        }
        return pieces;
    }
}
