package io.hindcast.env;

import io.hindcast.data.Action;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A policy that collects data. It may keep a plan during an episode; one instance serves one environment instance. */
public interface Behaviour {
    /** Called once before every episode. */
    void begin(RandomGenerator random);

    /**
     * Chooses an action for {@code observation}.
     *
     * @param possible which discrete actions it may choose from, {@code [count]}; null: all
     */
    Choice act(float[] observation, boolean @Nullable [] possible, RandomGenerator random);

    /**
     * An action and, where the behaviour tells it, the natural logarithm of the probability with which it chose it, given all that the
     * behaviour knew then: what it was shown, and its plan. Of a vector it is the density in the units of the environment; an entry at
     * a bound where everything beyond ends counts by its probability.
     */
    record Choice(Action action, OptionalDouble logProbability) {}
}
