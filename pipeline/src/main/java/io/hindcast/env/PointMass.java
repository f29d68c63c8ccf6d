package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.env.Maze.Point;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A point that slides through a {@link Maze} to its goal. Actions: 0 stays, 1 and 2 go down and up axis 1, 3 and 4 go down
 * and up axis 0, each by 1 a step; on both axes a normal disturbance of standard deviation 0.5 is added. The move is made in
 * ten parts, axis by axis, and a part that would end in a wall or outside is not made.
 *
 * <p>An observation is the place divided by the world's extent, both in [0, 1]. The reward is 0 for a step that ends in the
 * goal region, which terminates the episode, and -1 for every other.
 */
public final class PointMass implements Environment {
    static final int ACTIONS = 5;

    private static final int[] ROW_STEP = {0, 0, 0, -1, 1};
    private static final int[] COLUMN_STEP = {0, -1, 1, 0, 0};
    private static final double NOISE = 0.5;
    private static final int PARTS = 10;
    private static final double PART = 0.1;

    private final String name;
    private final Maze maze;
    private double row;
    private double column;
    private int steps;
    private boolean running;
    private @Nullable RandomGenerator random;

    PointMass(String name, Maze maze) {
        this.name = name;
        this.maze = maze;
    }

    /** The world it moves in. */
    public Maze maze() {
        return maze;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int observationSize() {
        return 2;
    }

    @Override
    public ActionSpace actionSpace() {
        return new ActionSpace.Discrete(ACTIONS);
    }

    @Override
    public int maxEpisodeSteps() {
        return maze.maxEpisodeSteps();
    }

    @Override
    public float[] reset(RandomGenerator random) {
        this.random = random;
        return place(maze.start());
    }

    @Override
    public Step step(Action action) {
        if (!(action instanceof Action.Index chosen) || chosen.index() < 0 || chosen.index() >= ACTIONS) {
            throw new IllegalArgumentException("Cannot step " + name + ": " + action + " is not one of its actions");
        }
        if (!running || random == null) {
            throw new IllegalStateException("Cannot step " + name + ": no episode is running");
        }
        return step(chosen.index(), random.nextGaussian(), random.nextGaussian());
    }

    /** The place where an observation was made, to the precision of its floats. */
    Point placeOf(float[] observation) {
        return new Point((double) observation[0] * maze.height(), (double) observation[1] * maze.width());
    }

    static int rowStep(int action) {
        return ROW_STEP[action];
    }

    static int columnStep(int action) {
        return COLUMN_STEP[action];
    }

    /** Starts an episode at {@code state} and returns the observation there. */
    float[] place(Point state) {
        row = state.row();
        column = state.column();
        steps = 0;
        running = true;
        return observation();
    }

    Point state() {
        return new Point(row, column);
    }

    /** Takes a step with a given disturbance, in standard deviations. */
    Step step(int action, double rowNoise, double columnNoise) {
        move(ROW_STEP[action] + NOISE * rowNoise, COLUMN_STEP[action] + NOISE * columnNoise);
        steps++;
        var reached = maze.inGoal(row, column);
        var truncated = !reached && steps >= maze.maxEpisodeSteps();
        running = !reached && !truncated;
        return new Step(observation(), reached ? 0 : -1, reached, truncated, reached);
    }

    private void move(double rowVelocity, double columnVelocity) {
        for (var part = 0; part < PARTS; part++) {
            var nextRow = row + PART * rowVelocity;
            if (maze.isFree(nextRow, column)) {
                row = nextRow;
            }
            var nextColumn = column + PART * columnVelocity;
            if (maze.isFree(row, nextColumn)) {
                column = nextColumn;
            }
        }
    }

    private float[] observation() {
        return new float[] {(float) (row / maze.height()), (float) (column / maze.width())};
    }
}
