package io.hindcast.learn;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import java.util.random.RandomGenerator;

/**
 * What every learner is made with, beside its own settings.
 *
 * @param spaces the problem
 * @param batchSize rows of every batch it will see
 * @param updates how many updates the whole run has, for learning-rate schedules
 * @param kernels where its networks compute; the learner does not close them
 * @param initialisation where first parameters are drawn from
 */
public record LearnerSetup(
        Spaces spaces, int batchSize, long updates, Kernels kernels, RandomGenerator initialisation) {

    /**
     * The problem's actions, for a learner of continuous ones only.
     *
     * @throws UserException if they are discrete; {@code learner} is the learner's name
     */
    ActionSpace.Continuous continuous(String learner) {
        return continuous(learner, spaces.actions());
    }

    /** As {@link #continuous(String)}, before there is a setup. */
    static ActionSpace.Continuous continuous(String learner, ActionSpace actions) {
        if (actions instanceof ActionSpace.Continuous space) {
            return space;
        }
        throw new UserException("Cannot train " + learner + " on discrete actions: it is for continuous ones;"
                + " use awac, iql, cql-discrete or dqn");
    }

    /**
     * The problem's actions, for a learner of discrete ones only.
     *
     * @throws UserException if they are continuous; {@code learner} is the learner's name
     */
    ActionSpace.Discrete discrete(String learner) {
        return discrete(learner, spaces.actions());
    }

    /** As {@link #discrete(String)}, before there is a setup. */
    static ActionSpace.Discrete discrete(String learner, ActionSpace actions) {
        if (actions instanceof ActionSpace.Discrete space) {
            return space;
        }
        throw new UserException("Cannot train " + learner + " on continuous actions: it is for discrete ones;"
                + " use awac, iql, cql-continuous or td3-bc");
    }
}
