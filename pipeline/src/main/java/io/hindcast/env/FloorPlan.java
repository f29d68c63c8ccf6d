package io.hindcast.env;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The floor that an agent moves on, seen from above: walls, a start and a goal in a plane of x and y, and where an observation
 * says the agent is. In a PointMass maze x is axis 0 and y is axis 1 of the {@link Maze}, in cells; in an AntMaze both are in
 * metres, and the centre of the start's cell is (0, 0).
 *
 * @param walls one text for each column of cells, by rising x; in it one character for each cell, by rising y: {@code #} is a wall
 * @param cell how long the side of a cell is
 * @param corner where x and y are least
 * @param start where episodes start
 * @param goal where they are to end
 * @param x what of an observation is x
 * @param y what of it is y
 */
public record FloorPlan(List<String> walls, double cell, Point corner, Point start, Goal goal, Entry x, Entry y)
        implements Serializable {
    private static final double ANT_CELL = 4;

    /** A place in the plane. */
    public record Point(double x, double y) implements Serializable {}

    /**
     * A goal that is drawn from a rectangle, which may be a single point.
     *
     * @param low the corner where x and y are least
     * @param high the opposite one
     * @param radius how near to the goal is there
     */
    public record Goal(Point low, Point high, double radius) implements Serializable {
        /** The middle of the rectangle. */
        public Point centre() {
            return new Point((low.x() + high.x()) / 2, (low.y() + high.y()) / 2);
        }
    }

    /**
     * A coordinate as an observation has it: entry {@code index} times {@code scale}.
     *
     * @param index from 0
     * @param scale units of the plane for a unit of the observation
     */
    public record Entry(int index, double scale) implements Serializable {
        /** The coordinate at which {@code observation} was made. */
        public double of(float[] observation) {
            return observation[index] * scale;
        }
    }

    /** Where x and y are greatest. */
    public Point oppositeCorner() {
        return new Point(
                corner.x() + cell * walls.size(),
                corner.y() + cell * walls.get(0).length());
    }

    /**
     * The plan of an environment, if it has a floor.
     *
     * @param environment its name: {@code pointmass-…}, {@code antmaze-umaze} or {@code antmaze-medium-diverse}
     */
    public static Optional<FloorPlan> of(String environment) {
        var maze = Maze.BY_NAME.get(environment);
        if (maze != null) {
            return Optional.of(pointMass(maze));
        }
        // The maps and goals of D4RL (Farama-Foundation/D4RL, commit 89141a6), a text for each row, by rising y; G is
        // the goal's cell.
        return switch (environment) {
            case "antmaze-umaze" -> Optional.of(ant("#####", "#R..#", "###.#", "#G..#", "#####"));
            case "antmaze-medium-diverse" ->
                Optional.of(ant(
                        "########",
                        "#R.##..#",
                        "#..#...#",
                        "##...###",
                        "#..#...#",
                        "#.#..#.#",
                        "#...#.G#",
                        "########"));
            default -> Optional.empty();
        };
    }

    private static FloorPlan pointMass(Maze maze) {
        var walls = new ArrayList<String>();
        for (var row = 0; row < maze.height(); row++) {
            var line = new StringBuilder();
            for (var column = 0; column < maze.width(); column++) {
                line.append(maze.isFree(new Maze.Cell(row, column)) ? '.' : '#');
            }
            walls.add(line.toString());
        }
        var goal = new Point(maze.goal().row(), maze.goal().column());
        return new FloorPlan(
                List.copyOf(walls),
                1,
                new Point(0, 0),
                new Point(maze.start().row(), maze.start().column()),
                new Goal(goal, goal, maze.goalRadius()),
                new Entry(0, maze.height()),
                new Entry(1, maze.width()));
    }

    /** The start stands in row 1, column 1; a goal is up to 1.5 m beyond the centre of its cell on both axes. */
    private static FloorPlan ant(String... rows) {
        var walls = new ArrayList<String>();
        var goal = new Point(0, 0);
        for (var column = 0; column < rows[0].length(); column++) {
            var line = new StringBuilder();
            for (var row = 0; row < rows.length; row++) {
                line.append(rows[row].charAt(column) == '#' ? '#' : '.');
                if (rows[row].charAt(column) == 'G') {
                    goal = new Point(ANT_CELL * (column - 1), ANT_CELL * (row - 1));
                }
            }
            walls.add(line.toString());
        }
        return new FloorPlan(
                List.copyOf(walls),
                ANT_CELL,
                new Point(-1.5 * ANT_CELL, -1.5 * ANT_CELL),
                new Point(0, 0),
                new Goal(goal, new Point(goal.x() + 1.5, goal.y() + 1.5), 0.5),
                new Entry(0, 1),
                new Entry(1, 1));
    }
}
