package io.hindcast.report;

import io.hindcast.report.Axis.Scale;
import io.hindcast.report.Frame.Entry;
import io.hindcast.report.Frame.Mark;
import io.hindcast.report.Frame.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How often states were visited, in the plane of two of their dimensions; over the walls where they move in a maze.
 *
 * @param xLabel what is measured to the right
 * @param yLabel what is measured upwards
 * @param maze what stands in the plane, in the same coordinates
 */
public record StateMap(
        String title,
        String xLabel,
        String yLabel,
        Density density,
        @Nullable Maze maze) implements Chart {
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

    /**
     * Walls of unit cells, a start and a goal.
     *
     * @param walls one text for each x, from 0; in it one character for each y, {@code #} where there is a wall
     * @param goalRadius how near to the goal is there
     */
    public record Maze(
            List<String> walls, double startX, double startY, double goalX, double goalY, double goalRadius) {}

    @Override
    public String svg() {
        var ratio = maze == null ? 0.8 : (density.yHigh() - density.yLow()) / (density.xHigh() - density.xLow());
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
        if (maze != null) {
            drawMaze(frame, maze);
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

    static void drawMaze(Frame frame, Maze maze) {
        var path = new StringBuilder();
        for (var i = 0; i < maze.walls().size(); i++) {
            for (var j = 0; j < maze.walls().get(i).length(); j++) {
                if (maze.walls().get(i).charAt(j) == '#') {
                    path.append('M').append(Markup.coordinate(frame.x.at(i))).append(' ');
                    path.append(Markup.coordinate(frame.y.at(j)));
                    path.append('H').append(Markup.coordinate(frame.x.at(i + 1)));
                    path.append('V').append(Markup.coordinate(frame.y.at(j + 1)));
                    path.append('H').append(Markup.coordinate(frame.x.at(i))).append('Z');
                }
            }
        }
        frame.data()
                .open("path", "class", "wall", "d", path)
                .leaf("title", "wall")
                .close();
        var radius = frame.x.at(maze.goalRadius()) - frame.x.at(0);
        var atX = frame.x.at(maze.goalX());
        var atY = frame.y.at(maze.goalY());
        frame.clipped()
                .empty("circle", "class", "goal-region", "cx", atX, "cy", atY, "r", radius)
                .close();
        place(frame, "start", maze.startX(), maze.startY());
        place(frame, "goal", maze.goalX(), maze.goalY());
    }

    private static void place(Frame frame, String name, double x, double y) {
        var atX = frame.x.at(x);
        var atY = frame.y.at(y);
        var out = frame.data().open("g", "class", name);
        out.leaf("title", name + " at (" + Numbers.plain(x) + ", " + Numbers.plain(y) + ")");
        out.empty("circle", "cx", atX, "cy", atY, "r", 5);
        // Above the point, unless that is outside.
        var above = atY - 10 > frame.y.to() + 10;
        var outside = atX + Frame.textWidth(name) > frame.x.to();
        out.words("halo", outside ? "end" : "start", outside ? atX + 5 : atX - 5, above ? atY - 10 : atY + 20, name);
        out.close();
    }
}
