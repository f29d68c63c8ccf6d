package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.kernel.SquashedGaussian;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** {@code a = tanh(u)} with u diagonal normal; mean and log standard deviation both depend on the state. */
public final class SquashedGaussianPolicy implements Policy {
    private final ActionSpace.Continuous space;
    private final LogStdBounds bounds;
    private final Mlp network;

    /** A policy whose network gives the means and, behind them, the log standard deviations. */
    public SquashedGaussianPolicy(
            Kernels kernels,
            int observationSize,
            ActionSpace.Continuous space,
            NetworkConfig config,
            LogStdBounds bounds) {
        this.space = space;
        this.bounds = bounds;
        network = new Mlp(kernels, observationSize, config, 2 * space.dimension());
    }

    /** Draws all parameters anew. */
    public void initialise(RandomGenerator random) {
        network.initialise(random);
    }

    @Override
    public Parameters parameters() {
        return network.parameters();
    }

    @Override
    public void refresh() {
        network.refresh();
    }

    @Override
    public Blueprint blueprint() {
        var layers = new ArrayList<>(network.blueprint());
        // The greedy action is of the means alone.
        var last = layers.remove(layers.size() - 1);
        var n = space.dimension();
        layers.add(last.part(0, n, Activation.TANH));
        var drawn = new Blueprint.Drawn.Squashed(last.part(n, 2 * n, Activation.IDENTITY), bounds);
        return new Blueprint(Optional.empty(), layers, new Blueprint.Output.UnitAction(space, Optional.of(drawn)));
    }

    @Override
    public SquashedPass pass(Matrix observations) {
        return new SquashedPass(observations);
    }

    /** One way through the policy. */
    public final class SquashedPass implements Pass, Likelihood {
        private final int n = space.dimension();
        private final Mlp.Pass pass;
        private final float[] outputGradient;
        private float[] output = new float[0];

        private SquashedPass(Matrix observations) {
            pass = network.pass(observations);
            outputGradient = new float[observations.columns() * 2 * n];
        }

        @Override
        public void forward() {
            output = pass.forward();
        }

        /** Room for {@code candidates} actions a row that are drawn from it. */
        public SquashedDraw draw(int candidates) {
            return new SquashedDraw(this, outputGradient.length / (2 * n), candidates, n);
        }

        /**
         * Draws actions, see {@link SquashedGaussian#sample}.
         *
         * @param candidates how many a row
         * @param noise {@code [B * candidates * dimension]}, standard normal
         * @param actions {@code [B * candidates * dimension]}, written
         * @param logProbability {@code [B * candidates]}, written
         */
        public void sample(int candidates, float[] noise, float[] actions, float[] logProbability) {
            SquashedGaussian.sample(
                    output, n, candidates, bounds.least(), bounds.greatest(), noise, actions, logProbability);
        }

        /**
         * Writes the gradients of a loss through one sample a row.
         *
         * @param noise what the sample was drawn with
         * @param actionGradient the loss's gradient in the actions, {@code [B * dimension]}
         * @param logProbabilityGradient the loss's gradient in the log-probabilities, {@code [B]}
         */
        public void backward(float[] noise, float[] actionGradient, float[] logProbabilityGradient) {
            SquashedGaussian.gradient(
                    output,
                    n,
                    bounds.least(),
                    bounds.greatest(),
                    noise,
                    actionGradient,
                    logProbabilityGradient,
                    outputGradient);
            pass.backward(outputGradient);
        }

        @Override
        public float[] logProbability(Batch batch) {
            var logProbability = new float[batch.size()];
            SquashedGaussian.logProbability(
                    output, n, bounds.least(), bounds.greatest(), batch.actions(), logProbability);
            return logProbability;
        }

        @Override
        public float[] output() {
            return output;
        }

        @Override
        public String outputName() {
            return "output";
        }

        /** The squashed mean. */
        @Override
        public Action greedy(int b) {
            var actions = new float[n];
            for (var j = 0; j < n; j++) {
                actions[j] = (float) Math.tanh(output[b * 2 * n + j]);
            }
            return Policy.vector(space, actions, 0);
        }

        @Override
        public Optional<Normal> normal(int b) {
            var mean = new double[n];
            var std = new double[n];
            for (var j = 0; j < n; j++) {
                mean[j] = output[b * 2 * n + j];
                std[j] = Math.exp(bounds.clamp(output[b * 2 * n + n + j]));
            }
            return Optional.of(new Normal(mean, std, Normal.Kept.SQUASHED));
        }

        @Override
        public Action sample(int b, RandomGenerator random) {
            var row = Arrays.copyOfRange(output, b * 2 * n, (b + 1) * 2 * n);
            var noise = new float[n];
            for (var j = 0; j < n; j++) {
                noise[j] = (float) random.nextGaussian();
            }
            var action = new float[n];
            SquashedGaussian.sample(row, n, 1, bounds.least(), bounds.greatest(), noise, action, new float[1]);
            return Policy.vector(space, action, 0);
        }
    }
}
