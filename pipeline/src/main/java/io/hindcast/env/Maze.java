package io.hindcast.env;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A world of square cells of side 1, some of them walls. Axis 0 runs along the rows, from 0 to {@link #height}, axis 1 along
 * the columns, from 0 to {@link #width}; cell (row, column) covers [row, row + 1) x [column, column + 1).
 */
public final class Maze {
    /** The mazes of the PointMass environments by name, from easy to hard. */
    static final Map<String, Maze> BY_NAME = mazes();

    private final String[] rows;
    private final Point start;
    private final Point goal;
    private final double goalRadius;
    private final int maxEpisodeSteps;

    /** A place in world coordinates. */
    public record Point(double row, double column) {}

    /** A cell, counted from 0. */
    public record Cell(int row, int column) {}

    private Maze(String[] rows, Point start, Point goal, double goalRadius, int maxEpisodeSteps) {
        this.rows = rows;
        this.start = start;
        this.goal = goal;
        this.goalRadius = goalRadius;
        this.maxEpisodeSteps = maxEpisodeSteps;
    }

    /** Extent of axis 0, in cells. */
    public int height() {
        return rows.length;
    }

    /** Extent of axis 1, in cells. */
    public int width() {
        return rows[0].length();
    }

    /** Where every episode starts. */
    public Point start() {
        return start;
    }

    /** The centre of the goal region. */
    public Point goal() {
        return goal;
    }

    /** Places nearer to {@link #goal} than this are in the goal region. */
    public double goalRadius() {
        return goalRadius;
    }

    int maxEpisodeSteps() {
        return maxEpisodeSteps;
    }

    /** Whether {@code cell} lies in the world and is no wall. */
    public boolean isFree(Cell cell) {
        return isFree(cell.row, cell.column);
    }

    /** The cell that holds {@code point}; the far bounds of the world belong to the last row and column. */
    public Cell cellAt(Point point) {
        return new Cell(index(point.row, height()), index(point.column, width()));
    }

    /** All cells that are no walls, row by row. */
    public List<Cell> freeCells() {
        var cells = new ArrayList<Cell>();
        for (var row = 0; row < height(); row++) {
            for (var column = 0; column < width(); column++) {
                if (isFree(row, column)) {
                    cells.add(new Cell(row, column));
                }
            }
        }
        return cells;
    }

    /**
     * How many moves to a neighbouring cell (along one axis) lead from each cell to {@code target}.
     *
     * @return {@code [height][width]}; -1 for walls and for cells from which there is no way
     */
    public int[][] distancesTo(Cell target) {
        var distances = new int[height()][width()];
        for (var row : distances) {
            Arrays.fill(row, -1);
        }
        var queue = new ArrayDeque<Cell>();
        distances[target.row][target.column] = 0;
        queue.add(target);
        while (!queue.isEmpty()) {
            var cell = queue.remove();
            for (var action = 1; action < PointMass.ACTIONS; action++) {
                var next = neighbour(cell, action);
                if (isFree(next) && distances[next.row][next.column] < 0) {
                    distances[next.row][next.column] = distances[cell.row][cell.column] + 1;
                    queue.add(next);
                }
            }
        }
        return distances;
    }

    /** The cell that a PointMass action points to; it may be a wall or outside. */
    static Cell neighbour(Cell cell, int action) {
        return new Cell(cell.row + PointMass.rowStep(action), cell.column + PointMass.columnStep(action));
    }

    boolean isFree(double row, double column) {
        return row >= 0
                && row <= height()
                && column >= 0
                && column <= width()
                && isFree(index(row, height()), index(column, width()));
    }

    boolean inGoal(double row, double column) {
        return Math.hypot(row - goal.row, column - goal.column) < goalRadius;
    }

    private boolean isFree(int row, int column) {
        return row >= 0 && row < height() && column >= 0 && column < width() && rows[row].charAt(column) == '0';
    }

    private static int index(double coordinate, int extent) {
        return Math.min((int) Math.floor(coordinate), extent - 1);
    }

    private static Map<String, Maze> mazes() {
        var mazes = new LinkedHashMap<String, Maze>();
        mazes.put(
                "pointmass-easy",
                new Maze(
                        doubled("00000", "11110", "11110", "11110", "11110"), new Point(1, 1), new Point(9, 9), 2, 50));
        mazes.put(
                "pointmass-medium",
                new Maze(
                        new String[] {"001000", "101010", "001011", "011001", "001101", "100001"},
                        new Point(0.5, 0.5),
                        new Point(1.5, 5.5),
                        1,
                        150));
        mazes.put(
                "pointmass-hard",
                new Maze(
                        doubled(
                                "00000100000",
                                "00000100000",
                                "00000000000",
                                "00000100000",
                                "00000100000",
                                "10111100000",
                                "00000111011",
                                "00000100000",
                                "00000100000",
                                "00000000000",
                                "00000100000"),
                        new Point(2, 2),
                        new Point(20, 20),
                        2,
                        100));
        mazes.put(
                "pointmass-veryhard",
                new Maze(
                        new String[] {
                            "01000100010",
                            "01010101010",
                            "01010101010",
                            "01010101010",
                            "00010001010",
                            "11111111010",
                            "11100010010",
                            "11101010110",
                            "00001000110",
                            "01111111110",
                            "00000000000"
                        },
                        new Point(0.5, 0.5),
                        new Point(0.5, 10.5),
                        1,
                        200));
        return mazes;
    }

    /** Every cell becomes 2 x 2 cells. */
    private static String[] doubled(String... rows) {
        var result = new String[2 * rows.length];
        for (var i = 0; i < result.length; i++) {
            result[i] = rows[i / 2].replace("0", "00").replace("1", "11");
        }
        return result;
    }
}
