package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.random.RandomGenerator;

/** A world an agent acts in. One instance runs one episode at a time and is used by one thread. */
public interface Environment {
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
     */
    float[] reset(RandomGenerator random);

    /**
     * Takes one step.
     *
     * @throws IllegalArgumentException if the action is not of {@link #actionSpace()}
     * @throws IllegalStateException if no episode is running
     */
    Step step(Action action);

    /**
     * What a step led to.
     *
     * @param observation what is seen now, {@code [observationSize]}, owned by the caller
     * @param reward what the step earned
     * @param terminated the task ended by itself
     * @param truncated the time limit ended it
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Step(float[] observation, double reward, boolean terminated, boolean truncated) {
        /** No step may follow this one. */
        public boolean done() {
            return terminated || truncated;
        }
    }
}
