package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.random.RandomGenerator;

/**
 * Pendulum-v1 of Gymnasium: a pendulum that a torque in [-2, 2] is to swing up and hold. An observation is the cosine and sine of
 * the angle from upright and the angular velocity; a step costs {@code angle² + 0.1 velocity² + 0.001 torque²}, of the state
 * before it, the angle within ±pi. The episode never terminates and is truncated after 200 steps. The first angle is uniform in
 * ±pi, the first velocity in ±1.
 */
public final class Pendulum implements Environment {
    /** The name in conf files. */
    static final String NAME = "pendulum";

    private static final int MAX_EPISODE_STEPS = 200;
    private static final double MAX_TORQUE = 2;
    private static final double MAX_SPEED = 8;
    private static final double SECONDS = 0.05;
    /** 3 g / (2 l) and 3 / (m l²), with g 10, m 1 and l 1. */
    private static final double BY_GRAVITY = 15;

    private static final double BY_TORQUE = 3;

    private double angle;
    private double velocity;
    private int steps;
    private boolean running;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int observationSize() {
        return 3;
    }

    @Override
    public ActionSpace actionSpace() {
        return new ActionSpace.Continuous(1, -(float) MAX_TORQUE, (float) MAX_TORQUE);
    }

    @Override
    public int maxEpisodeSteps() {
        return MAX_EPISODE_STEPS;
    }

    @Override
    public float[] reset(RandomGenerator random) {
        return place(random.nextDouble(-Math.PI, Math.PI), random.nextDouble(-1, 1));
    }

    @Override
    public Step step(Action action) {
        if (!(action instanceof Action.Vector vector) || vector.values().length != 1) {
            throw new IllegalArgumentException("Cannot step " + NAME + ": " + action + " is not one of its actions");
        }
        return step(vector.values()[0]);
    }

    /** Takes a step with a torque, which is clipped to its range. */
    Step step(double torque) {
        if (!running) {
            throw new IllegalStateException("Cannot step " + NAME + ": no episode is running");
        }
        var u = clamp(torque, MAX_TORQUE);
        var wrapped = wrap(angle);
        var cost = wrapped * wrapped + 0.1 * velocity * velocity + 0.001 * u * u;
        velocity = clamp(velocity + SECONDS * (BY_GRAVITY * Math.sin(angle) + BY_TORQUE * u), MAX_SPEED);
        angle += SECONDS * velocity;
        steps++;
        running = steps < MAX_EPISODE_STEPS;
        return new Step(observation(), -cost, false, !running);
    }

    /** Starts an episode in a given state and returns the observation there. */
    float[] place(double givenAngle, double givenVelocity) {
        angle = givenAngle;
        velocity = givenVelocity;
        steps = 0;
        running = true;
        return observation();
    }

    /** Angle, not wrapped, and angular velocity. */
    double[] state() {
        return new double[] {angle, velocity};
    }

    private float[] observation() {
        return new float[] {(float) Math.cos(angle), (float) Math.sin(angle), (float) velocity};
    }

    private static double wrap(double x) {
        var turn = 2 * Math.PI;
        var shifted = (x + Math.PI) % turn;
        return (shifted < 0 ? shifted + turn : shifted) - Math.PI;
    }

    private static double clamp(double value, double limit) {
        return Math.max(-limit, Math.min(limit, value));
    }
}
