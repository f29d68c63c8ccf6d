package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.random.RandomGenerator;

/** {@code pi(.|s) = softmax(output)}. */
public final class CategoricalPolicy implements StochasticPolicy {
    private final Mlp logits;
    private final int count;

    CategoricalPolicy(Kernels kernels, int observationSize, int count, NetworkConfig config) {
        this.count = count;
        logits = new Mlp(kernels, observationSize, config, count);
    }

    @Override
    public void initialise(RandomGenerator random) {
        logits.initialise(random);
    }

    @Override
    public Parameters parameters() {
        return logits.parameters();
    }

    @Override
    public void refresh() {
        logits.refresh();
    }

    @Override
    public CategoricalPass pass(Matrix observations) {
        return new CategoricalPass(observations);
    }

    /** One way through the policy. */
    public final class CategoricalPass implements Pass {
        private final Mlp.Pass pass;
        private final float[] outputGradient;
        private final float[] logProbability;
        private final float[] probabilities;
        private float[] output = new float[0];

        private CategoricalPass(Matrix observations) {
            pass = logits.pass(observations);
            outputGradient = new float[observations.columns() * count];
            logProbability = new float[observations.columns()];
            probabilities = new float[outputGradient.length];
        }

        @Override
        public void forward() {
            output = pass.forward();
        }

        @Override
        public void forward(Noise noise) {
            output = pass.forward(noise);
        }

        /** pi(.|s) of every action, {@code [B * count]}, overwritten by the next call. */
        public float[] probabilities() {
            Categorical.probabilities(output, count, probabilities);
            return probabilities;
        }

        @Override
        public float[] logProbability(Batch batch) {
            Categorical.logProbability(output, batch.actionIndices(), logProbability);
            return logProbability;
        }

        @Override
        public void backward(Batch batch, float[] slope) {
            Categorical.gradient(output, batch.actionIndices(), slope, outputGradient);
            pass.backward(outputGradient);
        }

        @Override
        public double entropy() {
            return Categorical.entropy(output, count);
        }

        @Override
        public float[] output() {
            return output;
        }

        @Override
        public String outputName() {
            return "logits";
        }

        @Override
        public Action greedy(int b) {
            return new Action.Index(Categorical.argmax(output, b * count, count));
        }
    }
}
