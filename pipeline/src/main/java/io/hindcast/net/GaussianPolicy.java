package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Gaussian;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A diagonal normal distribution, not squashed: mean {@code tanh(output)}, standard deviation
 * {@code exp(clamp(log_std))} the same for every state and trained like any other parameter.
 */
public final class GaussianPolicy implements StochasticPolicy {
    static final String LOG_STD = "log_std";

    private final ActionSpace.Continuous space;
    private final LogStdBounds bounds;
    private final Mlp mean;
    private final Parameters.Block logStd;

    GaussianPolicy(
            Kernels kernels,
            int observationSize,
            ActionSpace.Continuous space,
            NetworkConfig config,
            LogStdBounds bounds) {
        this.space = space;
        this.bounds = bounds;
        var parameters = Mlp.layout(observationSize, config, space.dimension())
                .add(LOG_STD, space.dimension())
                .build();
        mean = new Mlp(kernels, parameters, config, Activation.TANH);
        logStd = parameters.block(LOG_STD);
    }

    /** Weights as {@link Mlp#initialise}, log standard deviations 0. */
    @Override
    public void initialise(RandomGenerator random) {
        mean.initialise(random);
        for (var j = 0; j < logStd.length(); j++) {
            parameters().values()[logStd.offset() + j] = 0;
        }
    }

    @Override
    public Parameters parameters() {
        return mean.parameters();
    }

    @Override
    public void refresh() {
        mean.refresh();
    }

    @Override
    public Blueprint blueprint() {
        return new Blueprint(
                Optional.empty(),
                mean.blueprint(),
                new Blueprint.Output.UnitAction(
                        space, Optional.of(new Blueprint.Drawn.Cut(clamp(new float[logStd.length()])))));
    }

    /** Writes the log standard deviations within their bounds, {@code [dimension]}. */
    private float[] clamp(float[] clamped) {
        for (var j = 0; j < clamped.length; j++) {
            clamped[j] = bounds.clamp(parameters().values()[logStd.offset() + j]);
        }
        return clamped;
    }

    @Override
    public GaussianPass pass(Matrix observations) {
        return new GaussianPass(observations);
    }

    /** One way through the policy. */
    public final class GaussianPass implements Pass {
        private final int n = space.dimension();
        private final Mlp.Pass pass;
        private final float[] clamped = new float[n];
        private final float[] logProbability;
        private final float[] meanGradient;
        private final double[] logStdGradient = new double[n];
        private float[] means = new float[0];

        private GaussianPass(Matrix observations) {
            pass = mean.pass(observations);
            meanGradient = new float[observations.columns() * n];
            logProbability = new float[observations.columns()];
        }

        @Override
        public void forward() {
            means = pass.forward();
            clamp(clamped);
        }

        @Override
        public void forward(Noise noise) {
            means = pass.forward(noise);
            clamp(clamped);
        }

        /** Writes {@code mean + std * noise}, not clipped; all arrays {@code [B * dimension]}. */
        public void sample(float[] noise, float[] actions) {
            Gaussian.sample(means, clamped, noise, actions);
        }

        @Override
        public float[] logProbability(Batch batch) {
            Gaussian.logProbability(means, clamped, batch.actions(), logProbability);
            return logProbability;
        }

        @Override
        public void backward(Batch batch, float[] slope) {
            Gaussian.gradient(means, clamped, batch.actions(), slope, meanGradient, logStdGradient);
            finish();
        }

        /**
         * The same of a loss that depends on the means besides.
         *
         * @param gradientInMeans {@code [B * dimension]}, its gradient in them but for what goes through the likelihood
         */
        public void backward(Batch batch, float[] slope, float[] gradientInMeans) {
            Gaussian.gradient(means, clamped, batch.actions(), slope, meanGradient, logStdGradient);
            for (var k = 0; k < meanGradient.length; k++) {
                meanGradient[k] += gradientInMeans[k];
            }
            finish();
        }

        private void finish() {
            pass.backward(meanGradient);
            for (var j = 0; j < n; j++) {
                var inside = bounds.contain(parameters().values()[logStd.offset() + j]);
                parameters().gradients()[logStd.offset() + j] = inside ? (float) logStdGradient[j] : 0;
            }
        }

        @Override
        public double entropy() {
            return Gaussian.entropy(clamped);
        }

        @Override
        public float[] output() {
            return means;
        }

        @Override
        public String outputName() {
            return "mean";
        }

        @Override
        public Action greedy(int b) {
            return Policy.vector(space, means, b * n);
        }

        @Override
        public Optional<Normal> normal(int b) {
            var mean = new double[n];
            var std = new double[n];
            for (var j = 0; j < n; j++) {
                mean[j] = means[b * n + j];
                std[j] = Math.exp(clamped[j]);
            }
            return Optional.of(new Normal(mean, std, Normal.Kept.CUT));
        }

        @Override
        public Action sample(int b, RandomGenerator random) {
            var action = new float[n];
            for (var j = 0; j < n; j++) {
                action[j] = (float) (means[b * n + j] + Math.exp(clamped[j]) * random.nextGaussian());
            }
            return Policy.vector(space, action, 0);
        }
    }
}
