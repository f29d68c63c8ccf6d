package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Several instances of one environment that step together, so that a policy sees all their observations as one batch, and a
 * simulator outside this JVM is asked once for all. Each runs an episode of its own; used by one thread.
 */
public interface VectorEnvironment extends AutoCloseable {
    /** How many instances. */
    int size();

    /** How many numbers an observation has. */
    int observationSize();

    /** The actions it accepts. */
    ActionSpace actionSpace();

    /** After this many steps an episode is truncated. */
    int maxEpisodeSteps();

    /**
     * Starts an episode in an instance, whatever it was doing.
     *
     * @param random where all of the episode's chance comes from
     * @return the first observation, {@code [observationSize]}, owned by the caller
     * @throws BadAnswer if there is none; the other instances go on
     */
    float[] reset(int instance, RandomGenerator random);

    /** Which discrete actions are possible in an instance, as {@link Environment#possibleActions}. */
    default boolean @Nullable [] possibleActions(int instance) {
        return null;
    }

    /**
     * Takes one step in every instance that has an action.
     *
     * @param actions {@code [size]}; null where an instance stays as it is
     * @return {@code [size]}, null where there was no action; a fault in one does not touch the others
     */
    Environment.@Nullable Step[] step(@Nullable Action[] actions);

    /** How many observations so far, in all episodes, were out of the bounds that their space declares; 0 where it declares none. */
    default long outOfBounds() {
        return 0;
    }

    /** Observations and actions together. */
    default Spaces spaces() {
        return new Spaces(observationSize(), actionSpace());
    }

    /** Gives back what it holds outside this JVM, if anything. */
    @Override
    default void close() {}

    /** Environments that live in this JVM and know nothing of each other; at least one. */
    static VectorEnvironment of(List<Environment> environments) {
        var first = environments.get(0);
        return new VectorEnvironment() {
            @Override
            public int size() {
                return environments.size();
            }

            @Override
            public int observationSize() {
                return first.observationSize();
            }

            @Override
            public ActionSpace actionSpace() {
                return first.actionSpace();
            }

            @Override
            public int maxEpisodeSteps() {
                return first.maxEpisodeSteps();
            }

            @Override
            public float[] reset(int instance, RandomGenerator random) {
                return environments.get(instance).reset(random);
            }

            @Override
            public boolean @Nullable [] possibleActions(int instance) {
                return environments.get(instance).possibleActions();
            }

            @Override
            public Environment.@Nullable Step[] step(@Nullable Action[] actions) {
                return IntStream.range(0, actions.length)
                        .mapToObj(i ->
                                actions[i] == null ? null : environments.get(i).step(actions[i]))
                        .toArray(Environment.Step[]::new);
            }

            @Override
            public long outOfBounds() {
                return environments.stream().mapToLong(Environment::outOfBounds).sum();
            }

            @Override
            public void close() {
                environments.forEach(Environment::close);
            }
        };
    }
}
