package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The gridworld of Stanford's CS224R, homework 2: five columns by four rows, of which an episode begins at (0, 0). Actions 0 to 3
 * go left, right, down and up by one cell, or nowhere at the border. Entering goal 2 at (4, 0) or goal 1 at (4, 3) terminates;
 * 20 steps truncate. Every step earns the step reward, and one that enters a goal that goal's reward besides. Nothing is left to
 * chance.
 *
 * <p>An observation has an entry for each cell, {@code row * 5 + column}: 1 for the one it is in, 0 for the others.
 */
public final class Gridworld implements Environment {
    static final int WIDTH = 5;
    static final int HEIGHT = 4;
    static final int ACTIONS = 4;

    /**
     * What steps and goals earn, by name. With a discount of 0.98 the first is best solved by way of goal 1, the second of goal 2;
     * in the third every step is as good as a goal, so it is best to reach none.
     */
    static final Map<String, Rewards> BY_NAME = new TreeMap<>(Map.of(
            "gridworld-1", new Rewards(-1, 10, 5),
            "gridworld-2", new Rewards(-2, 10, 5),
            "gridworld-3", new Rewards(1, 1, 1)));

    private static final int HORIZON = 20;
    private static final int GOAL_COLUMN = 4;
    private static final int GOAL_1_ROW = 3;
    private static final int GOAL_2_ROW = 0;

    private final String name;
    private final Rewards rewards;
    private int column;
    private int row;
    private int steps;
    private boolean running;

    /** What a step earns, and what entering each goal adds to it. */
    record Rewards(double step, double goal1, double goal2) {}

    Gridworld(String name, Rewards rewards) {
        this.name = name;
        this.rewards = rewards;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int observationSize() {
        return WIDTH * HEIGHT;
    }

    @Override
    public ActionSpace actionSpace() {
        return new ActionSpace.Discrete(ACTIONS);
    }

    @Override
    public int maxEpisodeSteps() {
        return HORIZON;
    }

    @Override
    public float[] reset(RandomGenerator random) {
        return place(0, 0);
    }

    @Override
    public Step step(Action action) {
        if (!(action instanceof Action.Index chosen) || chosen.index() < 0 || chosen.index() >= ACTIONS) {
            throw new IllegalArgumentException("Cannot step " + name + ": " + action + " is not one of its actions");
        }
        if (!running) {
            throw new IllegalStateException("Cannot step " + name + ": no episode is running");
        }
        switch (chosen.index()) {
            case 0 -> column = Math.max(0, column - 1);
            case 1 -> column = Math.min(WIDTH - 1, column + 1);
            case 2 -> row = Math.max(0, row - 1);
            default -> row = Math.min(HEIGHT - 1, row + 1);
        }
        steps++;
        var goal1 = column == GOAL_COLUMN && row == GOAL_1_ROW;
        var goal2 = column == GOAL_COLUMN && row == GOAL_2_ROW;
        var reached = goal1 || goal2;
        var reward = rewards.step() + (goal1 ? rewards.goal1() : 0) + (goal2 ? rewards.goal2() : 0);
        var truncated = !reached && steps >= HORIZON;
        running = !reached && !truncated;
        return new Step(observation(), reward, reached, truncated, reached);
    }

    /** Starts an episode in a given cell and returns the observation there. */
    float[] place(int column, int row) {
        this.column = column;
        this.row = row;
        steps = 0;
        running = true;
        return observation();
    }

    private float[] observation() {
        var observation = new float[WIDTH * HEIGHT];
        observation[row * WIDTH + column] = 1;
        return observation;
    }
}
