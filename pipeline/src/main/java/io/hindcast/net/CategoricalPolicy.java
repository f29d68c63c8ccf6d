package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** {@code pi(.|s) = softmax(output)} over the actions that are possible in s. */
public final class CategoricalPolicy implements StochasticPolicy {
    static final String OUTPUT = "logits";

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
    public Blueprint blueprint() {
        return new Blueprint(Optional.empty(), logits.blueprint(), new Blueprint.Output.Scores(OUTPUT));
    }

    @Override
    public CategoricalPass pass(Matrix observations) {
        return pass(new States(observations));
    }

    @Override
    public CategoricalPass pass(States states) {
        return new CategoricalPass(states);
    }

    /** One way through the policy. */
    public final class CategoricalPass implements Pass {
        private final States states;
        private final Mlp.Pass pass;
        private final Categorical distribution;
        private final float[] outputGradient;
        private final float[] logProbability;
        private float[] output = new float[0];

        private CategoricalPass(States states) {
            this.states = states;
            var rows = states.observations().columns();
            pass = logits.pass(states.observations());
            distribution = new Categorical(rows, count);
            outputGradient = new float[rows * count];
            logProbability = new float[rows];
        }

        @Override
        public void forward() {
            output = pass.forward();
            distribution.load(output, states.possible());
        }

        @Override
        public void forward(Noise noise) {
            output = pass.forward(noise);
            distribution.load(output, states.possible());
        }

        @Override
        public Optional<double[]> probabilities(int b) {
            return Optional.of(Arrays.copyOfRange(distribution.probabilities(), b * count, (b + 1) * count));
        }

        /** pi(.|s) of the run. */
        public Categorical distribution() {
            return distribution;
        }

        @Override
        public float[] logProbability(Batch batch) {
            distribution.logProbability(batch.actionIndices(), logProbability);
            return logProbability;
        }

        @Override
        public void backward(Batch batch, float[] slope) {
            distribution.gradient(batch.actionIndices(), slope, outputGradient);
            pass.backward(outputGradient);
        }

        @Override
        public double entropy() {
            return distribution.entropy();
        }

        @Override
        public float[] output() {
            return output;
        }

        @Override
        public String outputName() {
            return OUTPUT;
        }

        @Override
        public Action greedy(int b) {
            return new Action.Index(Categorical.argmax(output, b * count, count, states.possible()));
        }

        @Override
        public Action sample(int b, RandomGenerator random) {
            return new Action.Index(distribution.sample(b, random));
        }
    }
}
