package io.hindcast.judge.policy;

import io.hindcast.data.CheckpointRef;
import io.hindcast.export.OnnxPolicy;
import io.hindcast.net.Actor.Preference;
import java.io.Serializable;
import java.util.List;

/** A policy that is judged by a log. */
public sealed interface JudgedPolicy extends Serializable {
    /** What was learned of its values; none: only weights tell. */
    default List<FittedModel> models() {
        return List.of();
    }

    /** The same with what was learned of its values; what logged needs nothing. */
    default JudgedPolicy with(List<FittedModel> models) {
        return this;
    }

    /** The same, which learned from a set of episodes; what is not known to have learned from any needs nothing. */
    default JudgedPolicy learnedFrom(int set) {
        return this;
    }

    /**
     * Whether it learned from an episode.
     *
     * @param within in which sets of episodes that is, a bit each
     */
    default boolean learnedFrom(long within) {
        return false;
    }

    /** What logged the actions: its value is the mean return, and it needs no probabilities. */
    record Behaviour() implements JudgedPolicy {}

    /** It chooses every action that is possible alike. */
    record Uniform(List<FittedModel> models) implements JudgedPolicy {
        /** Without models. */
        public Uniform() {
            this(List.of());
        }

        @Override
        public Uniform with(List<FittedModel> fitted) {
            return new Uniform(fitted);
        }
    }

    /**
     * It always does the same.
     *
     * @param action the index of a discrete action
     */
    record Always(int action, List<FittedModel> models) implements JudgedPolicy {
        /** Without models. */
        public Always(int action) {
            this(action, List.of());
        }

        @Override
        public Always with(List<FittedModel> fitted) {
            return new Always(action, fitted);
        }
    }

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
     * @param learnedFrom in which set of episodes, as the reader numbers them, it learned; {@link #NOT_HERE}: in none of these
     */
    record Trained(
            CheckpointRef checkpoint,
            Preference actions,
            double epsilon,
            double noise,
            int learnedFrom,
            List<FittedModel> models)
            implements JudgedPolicy {
        /** It learned from other logs. */
        public static final int NOT_HERE = -1;

        /** Without models. */
        public Trained(CheckpointRef checkpoint, Preference actions, double epsilon, double noise) {
            this(checkpoint, actions, epsilon, noise, NOT_HERE, List.of());
        }

        @Override
        public Trained with(List<FittedModel> fitted) {
            return new Trained(checkpoint, actions, epsilon, noise, learnedFrom, fitted);
        }

        @Override
        public Trained learnedFrom(int set) {
            return new Trained(checkpoint, actions, epsilon, noise, set, models);
        }

        @Override
        public boolean learnedFrom(long within) {
            return learnedFrom != NOT_HERE && (within >> learnedFrom & 1) == 1;
        }
    }

    /**
     * One that was exported, as it acts.
     *
     * @param actions which of its actions is taken
     * @param epsilon with this probability it is a uniformly random one instead
     * @param learnedFrom as of {@link Trained}
     */
    record Exported(OnnxPolicy policy, Preference actions, double epsilon, int learnedFrom) implements JudgedPolicy {
        /** It learned from other logs, or that is not known. */
        public Exported(OnnxPolicy policy, Preference actions, double epsilon) {
            this(policy, actions, epsilon, Trained.NOT_HERE);
        }

        @Override
        public Exported learnedFrom(int set) {
            return new Exported(policy, actions, epsilon, set);
        }

        @Override
        public boolean learnedFrom(long within) {
            return learnedFrom != Trained.NOT_HERE && (within >> learnedFrom & 1) == 1;
        }
    }
}
