package io.hindcast.env;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.env.Maze.Cell;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A behaviour policy whose episodes are poor although their pieces are good. It walks the shortest way, cell by cell, from
 * one randomly drawn waypoint to the next and rests at each; now and then it takes a random action. Some episodes are aimless:
 * their waypoints lie all over the maze but for the surroundings of the goal, and they run into the time limit. The others
 * loiter near the start for a while and then head for the goal.
 *
 * <p>With the default settings, seed 1006 and 79 episodes on {@code pointmass-medium} it makes a set for stitching: 8182
 * transitions, returns from -150 (the time limit, 32 episodes) to -46 with mean -102.97; the 8 best episodes have 411
 * transitions and mean -50.4. The shortest way takes about 21 steps, and every move of it is in the set, but imitating
 * the best episodes means loitering with them.
 *
 * <p>The probabilities it gives are those of its actions given its plan, which no observation shows. Weights made of them are right on
 * average all the same, since the plan changes nothing in the maze; but two steps that look alike may have other probabilities. Without
 * random actions it gives none: its plan would leave no other action than the one it took.
 */
public final class Wanderer implements Behaviour {
    private static final int STAY = 0;

    private final Config config;
    private final PointMass environment;
    private final List<Cell> allWaypoints;
    private final List<Cell> nearWaypoints;
    private final int[][] toGoal;
    private int[][] toTarget;
    private List<Cell> waypoints;
    private int detourLeft;
    private int restLeft;

    /** How it wanders. */
    public record Config(
            @Setting(value = "0.2", range = "[0, 1]", meaning = "probability that a step is a uniformly random action")
            double epsilon,

            @Setting(value = "0.38", range = "[0, 1]", meaning = "share of the episodes that never head for the goal")
            double aimless,

            @Setting(
                    value = "29",
                    range = "[0, 100000]",
                    meaning = "least number of steps before it heads for the goal")
            int minDetour,

            @Setting(
                    value = "69",
                    range = "[0, 100000]",
                    meaning = "greatest number of steps before it heads for the goal")
            int maxDetour,

            @Setting(value = "8", range = "[0, 1000]", meaning = "most steps of rest at a waypoint")
            int maxRest,

            @Setting(
                    value = "5",
                    range = "[0, 1000]",
                    meaning = "most cells between the start and a waypoint before it heads for the goal")
            int reach,

            @Setting(value = "6", range = "[1, 1000]", meaning = "fewest cells between any waypoint and the goal")
            int keepAway)
            implements Serializable {
        /** @throws UserException on a value out of range */
        public Config {
            if (minDetour > maxDetour) {
                throw new UserException("Cannot use min-detour = " + minDetour + ": it is above max-detour = "
                        + maxDetour + "; swap them");
            }
        }

        /** Whether it says how likely its actions were. */
        public boolean tellsProbabilities() {
            return epsilon > 0;
        }
    }

    /**
     * A wanderer in the maze of {@code environment}.
     *
     * @throws UserException if the start is nearer to the goal than any waypoint may be
     */
    public Wanderer(Config config, PointMass environment) {
        this.config = config;
        this.environment = environment;
        var maze = environment.maze();
        var start = maze.cellAt(maze.start());
        toGoal = maze.distancesTo(maze.cellAt(maze.goal()));
        if (at(toGoal, start) < config.keepAway()) {
            throw new UserException("Cannot wander in " + environment.name() + ": its start is " + at(toGoal, start)
                    + " cells from the goal, nearer than keep-away = " + config.keepAway()
                    + "; lower wanderer.keep-away");
        }
        toTarget = toGoal;
        allWaypoints = maze.freeCells().stream()
                .filter(cell -> at(toGoal, cell) >= config.keepAway())
                .toList();
        var toStart = maze.distancesTo(start);
        nearWaypoints = allWaypoints.stream()
                .filter(cell -> at(toStart, cell) <= config.reach())
                .toList();
        waypoints = nearWaypoints;
    }

    @Override
    public void begin(RandomGenerator random) {
        var aimless = random.nextDouble() < config.aimless();
        waypoints = aimless ? allWaypoints : nearWaypoints;
        detourLeft = aimless ? Integer.MAX_VALUE : random.nextInt(config.minDetour(), config.maxDetour() + 1);
        restLeft = 0;
        toTarget = distancesToWaypoint(random);
    }

    @Override
    public Choice act(float[] observation, boolean @Nullable [] possible, RandomGenerator random) {
        var planned = planned(environment.maze().cellAt(environment.placeOf(observation)), random);
        var explores = random.nextDouble() < config.epsilon();
        if (!explores && restLeft > 0) {
            restLeft--;
        }
        var chosen = explores ? random.nextInt(PointMass.ACTIONS) : planned;
        return new Choice(new Action.Index(chosen), logProbability(chosen, planned));
    }

    private OptionalDouble logProbability(int chosen, int planned) {
        return config.tellsProbabilities()
                ? OptionalDouble.of(
                        Math.log(config.epsilon() / PointMass.ACTIONS + (chosen == planned ? 1 - config.epsilon() : 0)))
                : OptionalDouble.empty();
    }

    /** What it does unless it takes a random action. */
    private int planned(Cell cell, RandomGenerator random) {
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
        return restLeft > 0 ? STAY : towardsTarget(cell);
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
        return at(toTarget, cell);
    }

    private static int at(int[][] distances, Cell cell) {
        return distances[cell.row()][cell.column()];
    }
}
