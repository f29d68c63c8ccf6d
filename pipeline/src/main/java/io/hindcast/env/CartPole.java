package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.random.RandomGenerator;

/**
 * CartPole-v1 of Gymnasium: a pole on a cart that is pushed left (action 0) or right (1), after Barto, Sutton and Anderson 1983.
 * An observation is position, velocity, angle (rad) and angular velocity; every step earns 1, the last one included. The episode
 * terminates when the cart is more than 2.4 from the middle or the pole more than 12 degrees from upright, and is truncated after
 * 500 steps. The first state is uniform in ±0.05 in each number.
 */
public final class CartPole implements Environment {
    /** The name in conf files. */
    static final String NAME = "cartpole";

    private static final int ACTIONS = 2;
    private static final int MAX_EPISODE_STEPS = 500;
    private static final double GRAVITY = 9.8;
    private static final double POLE_MASS = 0.1;
    private static final double TOTAL_MASS = 1.1;
    /** Half of the pole's length. */
    private static final double LENGTH = 0.5;

    private static final double FORCE = 10;
    private static final double SECONDS = 0.02;
    private static final double START = 0.05;
    private static final double POSITION_LIMIT = 2.4;
    private static final double ANGLE_LIMIT = Math.toRadians(12);

    private final double[] state = new double[4];
    private int steps;
    private boolean running;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int observationSize() {
        return state.length;
    }

    @Override
    public ActionSpace actionSpace() {
        return new ActionSpace.Discrete(ACTIONS);
    }

    @Override
    public int maxEpisodeSteps() {
        return MAX_EPISODE_STEPS;
    }

    @Override
    public float[] reset(RandomGenerator random) {
        var first = new double[state.length];
        for (var i = 0; i < first.length; i++) {
            first[i] = random.nextDouble(-START, START);
        }
        return place(first);
    }

    @Override
    public Step step(Action action) {
        if (!(action instanceof Action.Index chosen) || chosen.index() < 0 || chosen.index() >= ACTIONS) {
            throw new IllegalArgumentException("Cannot step " + NAME + ": " + action + " is not one of its actions");
        }
        if (!running) {
            throw new IllegalStateException("Cannot step " + NAME + ": no episode is running");
        }
        move(chosen.index() == 1 ? FORCE : -FORCE);
        steps++;
        var terminated = Math.abs(state[0]) > POSITION_LIMIT || Math.abs(state[2]) > ANGLE_LIMIT;
        var truncated = !terminated && steps >= MAX_EPISODE_STEPS;
        running = !terminated && !truncated;
        return new Step(observation(), 1, terminated, truncated);
    }

    /** Starts an episode in a given state and returns the observation there. */
    float[] place(double[] given) {
        System.arraycopy(given, 0, state, 0, state.length);
        steps = 0;
        running = true;
        return observation();
    }

    /** Position, velocity, angle, angular velocity. */
    double[] state() {
        return state.clone();
    }

    /** Explicit Euler: places move by the speeds before the step. */
    private void move(double force) {
        var sin = Math.sin(state[2]);
        var cos = Math.cos(state[2]);
        var push = (force + POLE_MASS * LENGTH * state[3] * state[3] * sin) / TOTAL_MASS;
        var angular = (GRAVITY * sin - cos * push) / (LENGTH * (4.0 / 3.0 - POLE_MASS * cos * cos / TOTAL_MASS));
        var linear = push - POLE_MASS * LENGTH * angular * cos / TOTAL_MASS;
        state[0] += SECONDS * state[1];
        state[1] += SECONDS * linear;
        state[2] += SECONDS * state[3];
        state[3] += SECONDS * angular;
    }

    private float[] observation() {
        return new float[] {(float) state[0], (float) state[1], (float) state[2], (float) state[3]};
    }
}
