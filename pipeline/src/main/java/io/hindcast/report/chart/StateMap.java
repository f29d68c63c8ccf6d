package io.hindcast.report.chart;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How often states were visited, in the plane of two of their dimensions; over the walls where they move in a maze.
 *
 * @param xLabel what is measured to the right
 * @param yLabel what is measured upwards
 * @param floor what stands in the plane, in the same coordinates
 */
public record StateMap(
        String title,
        String xLabel,
        String yLabel,
        Density density,
        @Nullable FloorPlan floor) implements Chart {
    private static final double WIDTH = 500;
    private static final double TALLEST = 560;
    private static final int LEVELS = 5;

    /**
     * Visits counted in {@code columns} by {@code rows} cells of the same size.
     *
     * @param cells those that were visited at all
     */
    public record Density(
            double xLow, double xHigh, double yLow, double yHigh, int columns, int rows, List<Cell> cells) {}

    /** The visits of one cell, counted from the lower left corner. */
    public record Cell(int column, int row, long visits) {}

    @Override
    public String svg() {
        var ratio = floor == null ? 0.8 : (density.yHigh() - density.yLow()) / (density.xHigh() - density.xLow());
        var most = density.cells().stream().mapToLong(Cell::visits).max().orElse(1);
        var legend = new ArrayList<Entry>();
        var bounds = IntStream.rangeClosed(0, LEVELS)
                .mapToLong(level -> (long) Math.ceil(Math.pow(most + 1.0, (double) level / LEVELS) - 1e-9))
                .toArray();
        for (var level = 0; level < LEVELS; level++) {
            if (bounds[level] < bounds[level + 1]) {
                legend.add(new Entry(range(bounds[level], bounds[level + 1] - 1), Mark.BOX, "visits v" + level));
            }
        }
        // What the axes and their words take of the width and of the height.
        var height = Math.min(TALLEST, (WIDTH - 58) * ratio + 110);
        var frame = new Frame(
                new Frame.Words(title, xLabel, yLabel),
                WIDTH,
                height,
                new Range(density.xLow(), density.xHigh()),
                new Range(density.yLow(), density.yHigh()),
                Scale.LINEAR,
                legend);
        for (var level = 0; level < LEVELS; level++) {
            drawLevel(frame, level, bounds[level], bounds[level + 1]);
        }
        if (floor != null) {
            Floor.drawWalls(frame, floor);
            Floor.drawPlaces(frame, floor);
        }
        return frame.svg();
    }

    private static String range(long low, long high) {
        var text = low >= high ? Numbers.whole(low) : Numbers.whole(low) + "–" + Numbers.whole(high);
        return low == 1 ? text + " visits" : text;
    }

    /** All cells of a level are one path: the page stays small, however many there are. */
    private void drawLevel(Frame frame, int level, long from, long below) {
        var path = new StringBuilder();
        var width = (frame.x.to() - frame.x.from()) / density.columns();
        var height = (frame.y.from() - frame.y.to()) / density.rows();
        for (var cell : density.cells()) {
            if (cell.visits() >= from && cell.visits() < below) {
                var left = frame.x.from() + cell.column() * width;
                var bottom = frame.y.from() - cell.row() * height;
                path.append('M').append(Markup.coordinate(left)).append(' ').append(Markup.coordinate(bottom));
                path.append('H').append(Markup.coordinate(left + width));
                path.append('V').append(Markup.coordinate(bottom - height));
                path.append('H').append(Markup.coordinate(left)).append('Z');
            }
        }
        if (!path.isEmpty()) {
            frame.data()
                    .open("path", "class", "visits v" + level, "d", path)
                    .leaf("title", range(from, below - 1) + (from == 1 ? " a cell" : " visits a cell"))
                    .close();
        }
    }
}
