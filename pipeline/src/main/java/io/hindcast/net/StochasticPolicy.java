package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.random.RandomGenerator;

/** A policy pi(a|s) that is trained by the likelihood of actions. */
public sealed interface StochasticPolicy extends Policy permits GaussianPolicy, CategoricalPolicy {
    /** The policy for a problem: Gaussian where actions are real vectors, categorical where they are indices. */
    static StochasticPolicy of(Kernels kernels, Spaces spaces, NetworkConfig config, LogStdBounds bounds) {
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            return new GaussianPolicy(kernels, spaces.observationSize(), space, config, bounds);
        }
        return new CategoricalPolicy(
                kernels, spaces.observationSize(), spaces.actions().size(), config);
    }

    /** Draws all parameters anew. */
    void initialise(RandomGenerator random);

    @Override
    Pass pass(Matrix observations);

    @Override
    default Pass pass(States states) {
        return pass(states.observations());
    }

    /** One way through the policy, kept for the way back. */
    sealed interface Pass extends Policy.Pass, Likelihood
            permits GaussianPolicy.GaussianPass, CategoricalPolicy.CategoricalPass {
        /** As {@link #forward()}, with the network's dropout if it has any. */
        void forward(Noise noise);

        /** Writes the gradients, given the loss's gradient in {@link #logProbability}, {@code [B]}. */
        void backward(Batch batch, float[] slope);

        /** The mean entropy over the rows, in nats. */
        double entropy();
    }
}
