package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.GreedyPolicy;
import io.hindcast.net.Mlp;
import io.hindcast.net.NetworkConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Q-learning with a table (Watkins 1989) of states whose observations are unit vectors, one entry a state, for discrete actions.
 * The table begins as 0; an update takes the rows of the batch one after the other, each with the table as the one before left it:
 *
 * <pre>
 * error = r + discount (1 - terminated) max_a Q(s', a) - Q(s, a)
 * Q(s, a) += learning-rate error
 * </pre>
 *
 * <p>The table is the weights of a linear network, {@code [actions][states]}, whose bias stays 0: so its policy, the greedy one,
 * is saved and exported as any other. On observations that are no unit vectors the same rule is that of linear function
 * approximation, {@code Q(s, a) = w_a · s} and {@code w_a += learning-rate error s}, which may diverge.
 */
public final class TabularQ implements PolicyLearner {
    /** The settings of tabular Q-learning; the defaults are those of Stanford's CS224R, homework 2. */
    public record Config(
            @Setting(value = "0.2", range = "(0, 1]", meaning = "how far an entry moves towards its target")
            double learningRate,

            @Setting(value = "0.98", range = "[0, 1)", meaning = "discount for each step")
            double discount)
            implements LearnerConfig {

        @Override
        public boolean isFor(ActionSpace actions) {
            return actions instanceof ActionSpace.Discrete;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new TabularQ(this, setup);
        }

        /** It has no network whose products could be counted. */
        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.empty();
        }
    }

    private final Config config;
    private final Mlp table;
    private final Parts parts;
    private final int states;
    private final int actions;
    private final int tableAt;
    private final float[] target;
    private final float[] qData;
    private final float[] squared;
    private double loss;

    private TabularQ(Config config, LearnerSetup setup) {
        this.config = config;
        actions = setup.discrete(config).count();
        states = setup.spaces().observationSize();
        table = new Mlp(setup.kernels(), states, NetworkConfig.linear(), actions);
        Arrays.fill(table.parameters().values(), 0);
        table.refresh();
        tableAt = table.parameters().block("layers.0.weight").offset();
        parts = new Parts().policy(new GreedyPolicy(table)).add("critic_0", table);
        target = new float[setup.batchSize()];
        qData = new float[setup.batchSize()];
        squared = new float[setup.batchSize()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        var q = table.parameters().values();
        var possible = batch.possible(Field.NEXT_ACTION_MASK);
        for (var b = 0; b < qData.length; b++) {
            var action = batch.actionIndices()[b];
            qData[b] = value(q, batch.observations(), b, action);
            target[b] = batch.rewards()[b];
            if (batch.stopsBootstrap()[b] == 0) {
                var discount = Math.pow(config.discount(), batch.steps()[b]);
                target[b] += (float) (discount * greatest(q, batch.nextObservations(), b, possible));
            }
            var error = target[b] - qData[b];
            squared[b] = error * error;
            for (var s = 0; s < states; s++) {
                q[tableAt + action * states + s] +=
                        (float) (config.learningRate() * error * batch.observations()[b * states + s]);
            }
        }
        table.refresh();
        loss = Losses.mean(squared);
        return loss;
    }

    private float greatest(float[] q, float[] observations, int b, boolean @Nullable [] possible) {
        var greatest = Float.NEGATIVE_INFINITY;
        for (var action = 0; action < actions; action++) {
            if (possible == null || possible[b * actions + action]) {
                greatest = Math.max(greatest, value(q, observations, b, action));
            }
        }
        return greatest;
    }

    /** Q of row {@code b}: of a unit vector, one entry of the table. */
    private float value(float[] q, float[] observations, int b, int action) {
        var sum = 0f;
        for (var s = 0; s < states; s++) {
            sum += q[tableAt + action * states + s] * observations[b * states + s];
        }
        return sum;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of("critic", loss);
    }

    @Override
    public Map<String, float[]> intermediates() {
        return Map.of("target", target, "q_data", qData);
    }
}
