package io.hindcast.report.chart;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * How new places were when an exploration ended, between the walls of its maze: the error of random network distillation. Its
 * colours are a factor apart, not a difference, because where much was seen little of it is left.
 *
 * @param xLabel what is measured to the right
 * @param yLabel what is measured upwards
 * @param columns of equal cells, across the whole floor
 * @param rows of them
 * @param errors one a cell, {@code [columns][rows]}, above 0
 * @param floor the walls
 */
public record NoveltyMap(
        String title, String xLabel, String yLabel, int columns, int rows, List<Double> errors, FloorPlan floor)
        implements Chart {
    private static final double WIDTH = 500;
    private static final double TALLEST = 560;
    private static final int LEVELS = 5;

    /** Lists are copied. */
    public NoveltyMap {
        errors = List.copyOf(errors);
    }

    @Override
    public String svg() {
        var across = floor.walls().size() * floor.cell();
        var upwards = floor.walls().get(0).length() * floor.cell();
        var corner = floor.corner();
        var open = new ArrayList<Double>();
        for (var column = 0; column < columns; column++) {
            for (var row = 0; row < rows; row++) {
                if (!isWall(column, row)) {
                    open.add(error(column, row));
                }
            }
        }
        var least = open.stream().mapToDouble(Double::doubleValue).min().orElse(1);
        var greatest = open.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        var bounds = new double[LEVELS + 1];
        for (var level = 0; level <= LEVELS; level++) {
            bounds[level] = least * Math.pow(greatest / least, (double) level / LEVELS);
        }
        var legend = new ArrayList<Entry>();
        for (var level = 0; level < LEVELS; level++) {
            legend.add(new Entry(range(bounds, level), Mark.BOX, "novelty v" + level));
        }
        var frame = new Frame(
                new Frame.Words(title, xLabel, yLabel),
                WIDTH,
                Math.min(TALLEST, (WIDTH - 58) * upwards / across + 110),
                new Range(corner.x(), corner.x() + across),
                new Range(corner.y(), corner.y() + upwards),
                Scale.LINEAR,
                legend);
        for (var level = 0; level < LEVELS; level++) {
            drawLevel(frame, level, bounds);
        }
        Floor.drawWalls(frame, floor);
        Floor.drawPlaces(frame, floor);
        return frame.svg();
    }

    private static String range(double[] bounds, int level) {
        return Numbers.plain(bounds[level]) + "–" + Numbers.plain(bounds[level + 1]);
    }

    /** All cells of a level are one path, and those above each other one box of it: the page stays small. */
    private void drawLevel(Frame frame, int level, double[] bounds) {
        var path = new StringBuilder();
        var width = (frame.x.to() - frame.x.from()) / columns;
        var height = (frame.y.from() - frame.y.to()) / rows;
        for (var column = 0; column < columns; column++) {
            var row = 0;
            while (row < rows) {
                var from = row;
                while (row < rows && !isWall(column, row) && level(error(column, row), bounds) == level) {
                    row++;
                }
                if (row > from) {
                    var left = frame.x.from() + column * width;
                    path.append('M').append(Markup.coordinate(left)).append(' ');
                    path.append(Markup.coordinate(frame.y.from() - from * height));
                    path.append('H').append(Markup.coordinate(left + width));
                    path.append('V').append(Markup.coordinate(frame.y.from() - row * height));
                    path.append('H').append(Markup.coordinate(left)).append('Z');
                } else {
                    row++;
                }
            }
        }
        if (!path.isEmpty()) {
            frame.data()
                    .open("path", "class", "novelty v" + level, "d", path)
                    .leaf("title", "error " + range(bounds, level))
                    .close();
        }
    }

    private static int level(double error, double[] bounds) {
        var level = LEVELS - 1;
        while (level > 0 && error < bounds[level]) {
            level--;
        }
        return level;
    }

    private double error(int column, int row) {
        return errors.get(column * rows + row);
    }

    /** Whether the middle of a cell is in a wall. */
    private boolean isWall(int column, int row) {
        var x = (int) ((column + 0.5) * floor.walls().size() / columns);
        var y = (int) ((row + 0.5) * floor.walls().get(0).length() / rows);
        return floor.walls().get(x).charAt(y) == '#';
    }
}
