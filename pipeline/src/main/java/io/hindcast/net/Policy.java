package io.hindcast.net;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.random.RandomGenerator;

/** A stochastic policy pi(a|s). */
public sealed interface Policy extends Network permits GaussianPolicy, CategoricalPolicy {
    /** The policy for a problem: Gaussian where actions are real vectors, categorical where they are indices. */
    static Policy of(Kernels kernels, Spaces spaces, NetworkConfig config, LogStdBounds bounds) {
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            return new GaussianPolicy(kernels, spaces.observationSize(), space, config, bounds);
        }
        return new CategoricalPolicy(
                kernels, spaces.observationSize(), spaces.actions().size(), config);
    }

    /** Between these a Gaussian policy's log standard deviation is held; its gradient is zero outside. */
    record LogStdBounds(double least, double greatest) {
        /** @throws UserException if the settings {@code log-std-min} and {@code log-std-max} are not in order */
        public static void check(double logStdMin, double logStdMax) {
            if (!(logStdMin < logStdMax)) {
                throw new UserException("Cannot use log-std-min = " + logStdMin + ": it is not below log-std-max = "
                        + logStdMax + "; swap them");
            }
        }
    }

    /** Draws all parameters anew. */
    void initialise(RandomGenerator random);

    /** A way through the policy for the observations in a matrix {@code [observation size, B]}. */
    Pass pass(Matrix observations);

    /** One way through the policy, kept for the way back. */
    interface Pass {
        /** Runs the network for the observations as they stand now; everything below speaks of this run. */
        void forward();

        /** log pi(a|s) of the batch's actions, {@code [B]}, overwritten by the next call. */
        float[] logProbability(Batch batch);

        /** Writes the gradients, given the loss's gradient in {@link #logProbability}, {@code [B]}. */
        void backward(Batch batch, float[] slope);

        /** The distribution's parameters: means or logits, {@code [B * size]}. */
        float[] output();

        /** The name of {@link #output}: {@code mean} or {@code logits}. */
        String outputName();

        /** The most likely action of row {@code b}, in the environment's own units. */
        Action greedy(int b);
    }
}
