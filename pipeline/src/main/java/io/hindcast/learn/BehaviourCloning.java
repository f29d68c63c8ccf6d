package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Adam;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.StochasticPolicy;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Behaviour cloning: maximum likelihood of the data's actions. On a subset of the best episodes it is filtered behaviour
 * cloning.
 *
 * <pre>
 * minimise(actor, -mean log pi(a|s))
 * </pre>
 */
public final class BehaviourCloning implements PolicyLearner {
    /** The settings of behaviour cloning. */
    public record Config(
            @Setting(value = "{}", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(value = "-5", meaning = "least log standard deviation of a Gaussian policy")
            double logStdMin,

            @Setting(value = "2", meaning = "greatest log standard deviation of a Gaussian policy")
            double logStdMax)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            new LogStdBounds(logStdMin, logStdMax);
        }

        @Override
        public boolean needsRewards() {
            return false;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new BehaviourCloning(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(
                    new Measured("actor = " + sizes.actor(), sizes.pi().trained()));
        }
    }

    private final StochasticPolicy actor;
    private final Adam optimiser;
    private final Parts parts;
    private final Inputs inputs;
    private final StochasticPolicy.Pass pass;

    private final float[] ones;
    private final float[] slope;
    private float[] logProbability = new float[0];
    private double loss;

    BehaviourCloning(Config config, LearnerSetup setup) {
        inputs = setup.inputs();
        actor = setup.stochasticPolicy(config.actor(), config.logStdMin(), config.logStdMax());
        optimiser = setup.adam(actor, config.actor());
        parts = new Parts().actor(actor, optimiser);
        pass = actor.pass(inputs.states());
        ones = new float[setup.batchSize()];
        Arrays.fill(ones, 1);
        slope = new float[setup.batchSize()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        pass.forward(noise);
        logProbability = pass.logProbability(batch);
        loss = Losses.negativeLogLikelihood(logProbability, ones, slope);
        pass.backward(batch, slope);
        optimiser.step();

        return loss;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of("actor", loss);
    }

    @Override
    public Map<String, float[]> intermediates() {
        return Map.of(pass.outputName(), pass.output(), "log_probability", logProbability);
    }

    @Override
    public Map<String, Double> diagnostics() {
        return Map.of("policy/entropy", pass.entropy());
    }
}
