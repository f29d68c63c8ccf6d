package io.hindcast.env;

import io.hindcast.data.Action;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/** A policy that collects data. It may keep a plan during an episode; one instance serves one environment instance. */
public interface Behaviour {
    /** Called once before every episode. */
    void begin(RandomGenerator random);

    /** Chooses an action for {@code observation}. */
    Choice act(float[] observation, RandomGenerator random);

    /**
     * An action and, where the behaviour is a function of the observation alone, the natural logarithm of its probability.
     */
    record Choice(Action action, OptionalDouble logProbability) {}
}
