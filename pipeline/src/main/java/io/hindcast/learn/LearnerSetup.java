package io.hindcast.learn;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Adam;
import io.hindcast.net.Critics;
import io.hindcast.net.DeterministicPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.Mlp;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.SquashedGaussianPolicy;
import io.hindcast.net.StochasticPolicy;
import java.util.List;
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

    /** Room for its batches. */
    Inputs inputs() {
        return new Inputs(kernels, spaces, batchSize);
    }

    /** {@code count} critics that learn from the batches in {@code inputs}, with their targets, with fresh parameters. */
    Critics critics(NetworkConfig config, int count, Inputs inputs) {
        return new Critics(kernels, spaces, config, count, inputs, initialisation, updates);
    }

    /** A value function of observations, with fresh parameters. */
    Mlp value(NetworkConfig config) {
        var value = new Mlp(kernels, spaces.observationSize(), config, 1);
        value.initialise(initialisation);
        return value;
    }

    /** A policy that is trained by the likelihood of actions, with fresh parameters. */
    StochasticPolicy stochasticPolicy(NetworkConfig config, double logStdMin, double logStdMax) {
        var policy = StochasticPolicy.of(kernels, spaces, config, new LogStdBounds(logStdMin, logStdMax));
        policy.initialise(initialisation);
        return policy;
    }

    /** A policy of one action a state, with fresh parameters; {@code learner} is the learner's name. */
    DeterministicPolicy deterministicPolicy(NetworkConfig config, String learner) {
        var policy = new DeterministicPolicy(kernels, spaces.observationSize(), continuous(learner), config);
        policy.initialise(initialisation);
        return policy;
    }

    /** A squashed Gaussian policy with fresh parameters; {@code learner} is the learner's name. */
    SquashedGaussianPolicy squashedGaussianPolicy(
            NetworkConfig config, double logStdMin, double logStdMax, String learner) {
        var bounds = new LogStdBounds(logStdMin, logStdMax);
        var policy = new SquashedGaussianPolicy(kernels, spaces.observationSize(), continuous(learner), config, bounds);
        policy.initialise(initialisation);
        return policy;
    }

    /** What trains {@code network}. */
    Adam adam(Network network, NetworkConfig config) {
        return new Adam(List.of(network), config, updates);
    }

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
