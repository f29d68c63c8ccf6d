package io.hindcast.judge.policy;

import io.hindcast.data.CheckpointRef;
import io.hindcast.net.Actor.Preference;
import java.io.Serializable;
import java.util.List;

/** A policy that is judged by a log. */
public sealed interface JudgedPolicy extends Serializable {
    /** What logged the actions: its value is the mean return, and it needs no probabilities. */
    record Behaviour() implements JudgedPolicy {}

    /** It chooses every action that is possible alike. */
    record Uniform() implements JudgedPolicy {}

    /**
     * It always does the same.
     *
     * @param action the index of a discrete action
     */
    record Always(int action) implements JudgedPolicy {}

    /**
     * One whose chances of doing what was done stand in the log.
     *
     * @param column of the log that steps keep: of a discrete action a probability, of a vector a density in the units of the log
     * @param scale what the numbers in it are
     */
    record Logged(String column, Scale scale) implements JudgedPolicy {}

    /** What numbers in a log say how likely an action is. */
    enum Scale {
        PROBABILITY,
        /** Its natural logarithm. */
        LOGARITHM
    }

    /**
     * What a run has learned, as it acts.
     *
     * @param checkpoint which holds it
     * @param actions which of its actions is taken
     * @param epsilon with this probability it is a uniformly random one instead
     * @param noise standard deviation of normal noise on vectors, in units of half their range
     * @param models what was learned of its values; none: only weights tell
     */
    record Trained(CheckpointRef checkpoint, Preference actions, double epsilon, double noise, List<FittedModel> models)
            implements JudgedPolicy {}
}
