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
import org.jspecify.annotations.Nullable;

/**
 * What every learner is built from, besides its own settings.
 *
 * @param spaces the problem
 * @param batchSize rows of every batch it will see
 * @param updates how many updates the whole run has, for learning-rate schedules
 * @param kernels where its networks compute; the learner does not close them
 * @param initialisation where first parameters are drawn from
 * @param judged the policy whose values are learned; null: the learner learns a policy of its own
 */
public record LearnerSetup(
        Spaces spaces,
        int batchSize,
        long updates,
        Kernels kernels,
        RandomGenerator initialisation,
        @Nullable Judged judged) {

    /** For a learner of a policy. */
    public LearnerSetup(Spaces spaces, int batchSize, long updates, Kernels kernels, RandomGenerator initialisation) {
        this(spaces, batchSize, updates, kernels, initialisation, null);
    }

    /** Room for its batches. */
    Inputs inputs() {
        return new Inputs(kernels, spaces, batchSize);
    }

    /** {@code count} critics that learn from the batches in {@code inputs}, with their targets, with fresh parameters. */
    Critics critics(NetworkConfig config, int count, Inputs inputs) {
        return critics(config, count, inputs, updates);
    }

    /** The same for critics that step {@code steps} times in the whole run, not in every update. */
    Critics critics(NetworkConfig config, int count, Inputs inputs, long steps) {
        return new Critics(kernels, spaces, config, count, inputs, initialisation, steps);
    }

    /** A value function of observations, with fresh parameters. */
    Mlp value(NetworkConfig config) {
        var value = new Mlp(kernels, spaces.observationSize(), config, 1);
        value.initialise(initialisation);
        return value;
    }

    /** A network that gives a number for each discrete action, with fresh parameters. */
    Mlp scores(NetworkConfig config) {
        var scores = new Mlp(
                kernels, spaces.observationSize(), config, spaces.actions().size());
        scores.initialise(initialisation);
        return scores;
    }

    /** A policy that is trained by the likelihood of actions, with fresh parameters. */
    StochasticPolicy stochasticPolicy(NetworkConfig config, double logStdMin, double logStdMax) {
        var policy = StochasticPolicy.of(kernels, spaces, config, new LogStdBounds(logStdMin, logStdMax));
        policy.initialise(initialisation);
        return policy;
    }

    /** A policy of one action a state, with fresh parameters; {@code learner} are the settings of the learner it is of. */
    DeterministicPolicy deterministicPolicy(NetworkConfig config, LearnerConfig learner) {
        var policy = new DeterministicPolicy(kernels, spaces.observationSize(), continuous(learner), config);
        policy.initialise(initialisation);
        return policy;
    }

    /** A squashed Gaussian policy with fresh parameters; {@code learner} are the settings of the learner it is of. */
    SquashedGaussianPolicy squashedGaussianPolicy(
            NetworkConfig config, double logStdMin, double logStdMax, LearnerConfig learner) {
        var bounds = new LogStdBounds(logStdMin, logStdMax);
        var policy = new SquashedGaussianPolicy(kernels, spaces.observationSize(), continuous(learner), config, bounds);
        policy.initialise(initialisation);
        return policy;
    }

    /** What trains {@code network} in every update. */
    Adam adam(Network network, NetworkConfig config) {
        return adam(network, config, updates);
    }

    /** What trains {@code network} in {@code steps} updates of the whole run. */
    Adam adam(Network network, NetworkConfig config, long steps) {
        return new Adam(List.of(network), config, steps);
    }

    /**
     * The problem's actions, for a learner of continuous ones only.
     *
     * @throws UserException if they are discrete
     */
    ActionSpace.Continuous continuous(LearnerConfig config) {
        config.checkActions(spaces.actions());
        return (ActionSpace.Continuous) spaces.actions();
    }

    /**
     * The problem's actions, for a learner of discrete ones only.
     *
     * @throws UserException if they are continuous
     */
    ActionSpace.Discrete discrete(LearnerConfig config) {
        config.checkActions(spaces.actions());
        return (ActionSpace.Discrete) spaces.actions();
    }

    /**
     * The policy whose values are learned.
     *
     * @throws UserException if none is given; {@code learner} is the learner's name
     */
    Judged judged(String learner) {
        if (judged == null) {
            throw new UserException("Cannot train " + learner + ": it learns the values of a policy, and none is named;"
                    + " add judges { run = OUT/checkpoints/RUN_ID }");
        }
        return judged;
    }
}
