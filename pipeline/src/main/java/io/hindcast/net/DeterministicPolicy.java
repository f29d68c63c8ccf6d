package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Gaussian;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** {@code a = tanh(output)}. */
public final class DeterministicPolicy implements Policy {
    private final Kernels kernels;
    private final int observationSize;
    private final ActionSpace.Continuous space;
    private final NetworkConfig config;
    private final Mlp action;

    /** A policy from observations of {@code observationSize} numbers to actions within [-1, 1]. */
    public DeterministicPolicy(
            Kernels kernels, int observationSize, ActionSpace.Continuous space, NetworkConfig config) {
        this.kernels = kernels;
        this.observationSize = observationSize;
        this.space = space;
        this.config = config;
        var parameters = Mlp.layout(observationSize, config, space.dimension()).build();
        action = new Mlp(kernels, parameters, config, Activation.TANH);
    }

    /** Another one, which now has the same parameters. */
    public DeterministicPolicy copy() {
        var copy = new DeterministicPolicy(kernels, observationSize, space, config);
        copy.copyFrom(this);
        return copy;
    }

    /** Draws all parameters anew. */
    public void initialise(RandomGenerator random) {
        action.initialise(random);
    }

    @Override
    public Parameters parameters() {
        return action.parameters();
    }

    @Override
    public void refresh() {
        action.refresh();
    }

    @Override
    public Blueprint blueprint() {
        return new Blueprint(Optional.empty(), action.blueprint(), new Blueprint.Output.UnitAction(space));
    }

    @Override
    public DeterministicPass pass(Matrix observations) {
        return new DeterministicPass(observations);
    }

    /** One way through the policy. */
    public final class DeterministicPass implements Pass {
        private final Mlp.Pass pass;
        private final float[] noises;
        private final float[] disturbed;
        private float[] actions = new float[0];

        private DeterministicPass(Matrix observations) {
            pass = action.pass(observations);
            noises = new float[observations.columns() * space.dimension()];
            disturbed = new float[noises.length];
        }

        @Override
        public void forward() {
            actions = pass.forward();
        }

        /**
         * The actions with noise on them, see {@link Gaussian#disturb}, {@code [B * dimension]}; overwritten by the next call.
         *
         * @param name that of the noise
         */
        public float[] disturb(Noise random, String name, double std, double clip, double limit) {
            random.normal(name, noises);
            Gaussian.disturb(actions, std, noises, clip, limit, disturbed);
            return disturbed;
        }

        /** What {@link #disturb} gave last. */
        public float[] disturbed() {
            return disturbed;
        }

        /** Writes the gradients, given the loss's gradient in the actions, {@code [B * dimension]}. */
        public void backward(float[] actionGradient) {
            pass.backward(actionGradient);
        }

        /** The actions, {@code [B * dimension]}. */
        @Override
        public float[] output() {
            return actions;
        }

        @Override
        public String outputName() {
            return "mean";
        }

        @Override
        public Action greedy(int b) {
            return Policy.vector(space, actions, b * space.dimension());
        }
    }
}
