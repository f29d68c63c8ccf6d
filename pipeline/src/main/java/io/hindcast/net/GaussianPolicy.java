package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.kernel.Gaussian;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.random.RandomGenerator;

/**
 * A diagonal normal distribution, not squashed: mean {@code tanh(output)}, standard deviation
 * {@code exp(clamp(log_std))} the same for every state and trained like any other parameter.
 */
public final class GaussianPolicy implements Policy {
    private static final String LOG_STD = "log_std";

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
        var parameters = Mlp.layout(observationSize, config.hiddenLayers(), space.dimension())
                .add(LOG_STD, space.dimension())
                .build();
        mean = new Mlp(kernels, parameters, config.activation());
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
    public Pass pass(Matrix observations) {
        return new GaussianPass(observations);
    }

    private final class GaussianPass implements Pass {
        private final int n = space.dimension();
        private final Mlp.Pass pass;
        private final float[] means;
        private final float[] clamped = new float[n];
        private final float[] logProbability;
        private final float[] outputGradient;
        private final double[] logStdGradient = new double[n];

        GaussianPass(Matrix observations) {
            pass = mean.pass(observations);
            means = new float[observations.columns() * n];
            outputGradient = new float[means.length];
            logProbability = new float[observations.columns()];
        }

        @Override
        public void forward() {
            var output = pass.forward();
            for (var k = 0; k < means.length; k++) {
                means[k] = (float) Math.tanh(output[k]);
            }
            var values = parameters().values();
            for (var j = 0; j < n; j++) {
                clamped[j] = (float) Math.min(bounds.greatest(), Math.max(bounds.least(), values[logStd.offset() + j]));
            }
        }

        @Override
        public float[] logProbability(Batch batch) {
            Gaussian.logProbability(means, clamped, batch.actions(), logProbability);
            return logProbability;
        }

        @Override
        public void backward(Batch batch, float[] slope) {
            Gaussian.gradient(means, clamped, batch.actions(), slope, outputGradient, logStdGradient);
            pass.backward(outputGradient);
            for (var j = 0; j < n; j++) {
                var raw = parameters().values()[logStd.offset() + j];
                var inside = raw >= bounds.least() && raw <= bounds.greatest();
                parameters().gradients()[logStd.offset() + j] = inside ? (float) logStdGradient[j] : 0;
            }
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
            var values = new float[n];
            for (var j = 0; j < n; j++) {
                values[j] = space.fromUnit(means[b * n + j]);
            }
            return new Action.Vector(values);
        }
    }
}
