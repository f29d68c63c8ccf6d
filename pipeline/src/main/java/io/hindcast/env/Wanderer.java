package io.hindcast.env;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.env.Maze.Cell;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/** TODO */
public final class Wanderer implements Behaviour {
    private static final int STAY = 0;

    private final Config config;
    private final PointMass environment;
    private final List<Cell> waypoints;
    private final int[][] toGoal;
    private int[][] toTarget;
    private int detourLeft;
    private int restLeft;

    /** How it wanders. */
    public record Config(
            @Setting(value = "0.2", range = "[0, 1]", meaning = "probability that a step is a uniformly random action")
            double epsilon,

            @Setting(value = "0.38", range = "[0, 1]", meaning = "share of the episodes that never head for the goal")
            double aimless,

            @Setting(
                    value = "31",
                    range = "[0, 100000]",
                    meaning = "least number of steps before it heads for the goal")
            int minDetour,

            @Setting(
                    value = "73",
                    range = "[0, 100000]",
                    meaning = "greatest number of steps before it heads for the goal")
            int maxDetour,

            @Setting(value = "6", range = "[0, 1000]", meaning = "most steps of rest at a waypoint")
            int maxRest,

            @Setting(value = "13", range = "[1, 1000]", meaning = "fewest cells between a waypoint and the goal")
            int keepAway)
            implements Serializable {
        /** @throws UserException on a value out of range */
        public Config {
            Settings.check(Config.class, epsilon, aimless, minDetour, maxDetour, maxRest, keepAway);
            if (minDetour > maxDetour) {
                throw new UserException("Cannot use min-detour = " + minDetour + ": it is above max-detour = "
                        + maxDetour + "; swap them");
            }
        }
    }

    /**
     * A wanderer in the maze of {@code environment}.
     *
     * @throws UserException if no cell is far enough from the goal to be a waypoint
     */
    public Wanderer(Config config, PointMass environment) {
        this.config = config;
        this.environment = environment;
        var maze = environment.maze();
        toGoal = maze.distancesTo(maze.cellAt(maze.goal()));
        toTarget = toGoal;
        waypoints = maze.freeCells().stream()
                .filter(cell -> targetDistance(cell) >= config.keepAway())
                .toList();
        if (waypoints.isEmpty()) {
            throw new UserException("Cannot wander in " + environment.name() + ": no cell is " + config.keepAway()
                    + " cells from the goal; lower wanderer.keep-away");
        }
    }

    @Override
    public void begin(RandomGenerator random) {
        detourLeft = random.nextDouble() < config.aimless()
                ? Integer.MAX_VALUE
                : random.nextInt(config.minDetour(), config.maxDetour() + 1);
        restLeft = 0;
        toTarget = distancesToWaypoint(random);
    }

    @Override
    public Choice act(float[] observation, RandomGenerator random) {
        return new Choice(new Action.Index(choose(observation, random)), OptionalDouble.empty());
    }

    private int choose(float[] observation, RandomGenerator random) {
        var cell = environment.maze().cellAt(environment.placeOf(observation));
        if (detourLeft == 0) {
            restLeft = 0;
            toTarget = toGoal;
        } else {
            detourLeft--;
            if (restLeft == 0 && targetDistance(cell) == 0) {
                restLeft = random.nextInt(config.maxRest() + 1);
                toTarget = distancesToWaypoint(random);
            }
        }
        if (random.nextDouble() < config.epsilon()) {
            return random.nextInt(PointMass.ACTIONS);
        }
        if (restLeft > 0) {
            restLeft--;
            return STAY;
        }
        return towardsTarget(cell);
    }

    private int[][] distancesToWaypoint(RandomGenerator random) {
        return environment.maze().distancesTo(waypoints.get(random.nextInt(waypoints.size())));
    }

    private int towardsTarget(Cell cell) {
        for (var action = 1; action < PointMass.ACTIONS; action++) {
            var next = Maze.neighbour(cell, action);
            if (environment.maze().isFree(next) && targetDistance(next) < targetDistance(cell)) {
                return action;
            }
        }
        return STAY;
    }

    private int targetDistance(Cell cell) {
        return toTarget[cell.row()][cell.column()];
    }
}
