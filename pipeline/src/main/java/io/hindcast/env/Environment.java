package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A world an agent acts in. One instance runs one episode at a time and is used by one thread. */
public interface Environment extends AutoCloseable {
    /** What a message says of a number of {@link #outOfBounds()}. */
    String OUT_OF_BOUNDS = "observations are out of the bounds that their space declares";

    /** The name by which conf files and tables know it, for example {@code pointmass-medium}. */
    String name();

    /** How many numbers an observation has. */
    int observationSize();

    /** The actions it accepts. */
    ActionSpace actionSpace();

    /** After this many steps an episode is truncated. */
    int maxEpisodeSteps();

    /**
     * Starts an episode.
     *
     * @param random where all of the episode's chance comes from
     * @return the first observation, {@code [observationSize]}, owned by the caller
     * @throws BadAnswer if there is none; others can be tried
     */
    float[] reset(RandomGenerator random);

    /**
     * Which discrete actions are possible now, after the last reset or step, {@code [count]}, at least one; null: all, or it is
     * not known. Whoever acts keeps to it.
     */
    default boolean @Nullable [] possibleActions() {
        return null;
    }

    /**
     * Takes one step.
     *
     * @throws IllegalArgumentException if the action is not of {@link #actionSpace()}
     * @throws IllegalStateException if no episode is running
     */
    Step step(Action action);

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

    /**
     * What a step led to.
     *
     * @param observation what is seen now, {@code [observationSize]}, owned by the caller
     * @param reward what the step earned
     * @param terminated the task ended by itself
     * @param truncated the time limit ended it
     * @param success whether the task counts as done after this step; null in environments that know no such thing
     * @param fault why this is no answer, if the environment told; {@link Fault#of} knows all
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Step(
            float[] observation,
            double reward,
            boolean terminated,
            boolean truncated,
            @Nullable Boolean success,
            @Nullable Fault fault) {
        /** A step that is sound as far as is known. */
        public Step(
                float[] observation, double reward, boolean terminated, boolean truncated, @Nullable Boolean success) {
            this(observation, reward, terminated, truncated, success, null);
        }

        /** A step in an environment that knows no success. */
        public Step(float[] observation, double reward, boolean terminated, boolean truncated) {
            this(observation, reward, terminated, truncated, null);
        }

        /** No step may follow this one. */
        public boolean done() {
            return terminated || truncated || fault != null;
        }
    }
}
