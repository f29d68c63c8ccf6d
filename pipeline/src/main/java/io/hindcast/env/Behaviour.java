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
     * An action and, where the behaviour is a function of what it is shown alone, the natural logarithm of its probability.
     */
    record Choice(Action action, OptionalDouble logProbability) {}
}
