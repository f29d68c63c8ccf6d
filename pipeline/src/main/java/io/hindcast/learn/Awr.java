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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Advantage-weighted regression (Peng, Kumar, Zhang and Levine 2019) with one-step targets, for real-valued and for discrete
 * actions.
 *
 * <pre>
 * target    = r + discount (1 - terminated) V(s')
 * advantage = target - V(s)                           both with V before its step
 * minimise(value, mean((V(s) - target)²))
 * weight    = min(exp(advantage / temperature), max-weight)
 * minimise(actor, -mean(weight log pi(a|s)))
 * </pre>
 *
 * <p>The paper's targets are TD(lambda) returns of whole trajectories; these bootstrap after one step from the same value
 * function, which has no target network.
 */
public final class Awr implements PolicyLearner {
    /** The settings of advantage-weighted regression. */
    public record Config(
            @Setting(value = "1", range = "(0, inf)", meaning = "divides the advantage: smaller is greedier")
            double temperature,

            @Setting(value = "20", range = "(0, inf)", meaning = "the largest weight of a row in the policy's loss")
            double maxWeight,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "{}", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(value = "{}", meaning = "the value function's network")
            NetworkConfig value,

            @Setting(value = "-5", meaning = "least log standard deviation of a Gaussian policy")
            double logStdMin,

            @Setting(value = "2", meaning = "greatest log standard deviation of a Gaussian policy")
            double logStdMax)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            new LogStdBounds(logStdMin, logStdMax);
            value.withoutDropout("value");
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Awr(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    sizes.weighted() + ", temperature = 1, value = " + sizes.critic(),
                    sizes.v().forward() + sizes.v().trained() + sizes.pi().trained()));
        }
    }

    private final Config config;
    private final StateValue value;
    private final Adam actorOptimiser;

    private final Parts parts;
    private final Inputs inputs;
    private final StochasticPolicy.Pass actorPass;
    private final WeightedLikelihood policyLoss;

    private final float[] target;
    private final float[] advantage;
    private double valueLoss;
    private double actorLoss;

    Awr(Config config, LearnerSetup setup) {
        this.config = config;
        var rows = setup.batchSize();
        inputs = setup.inputs();
        var actor = setup.stochasticPolicy(config.actor(), config.logStdMin(), config.logStdMax());
        value = new StateValue(setup, config.value(), inputs);
        actorOptimiser = setup.adam(actor, config.actor());
        parts = value.addTo(new Parts().actor(actor, actorOptimiser));

        actorPass = actor.pass(inputs.states());
        policyLoss = new WeightedLikelihood(actorPass, config.temperature(), config.maxWeight(), rows);
        target = new float[rows];
        advantage = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = value.next();
        Losses.bootstrap(batch.rewards(), batch.stopsBootstrap(), batch.steps(), valueNext, config.discount(), target);
        var valueBefore = value.here();
        Losses.difference(target, valueBefore, advantage);
        valueLoss = Losses.squaredError(valueBefore, target, value.slope());
        value.step();

        actorPass.forward(noise);
        actorLoss = policyLoss.backward(batch, advantage);
        actorOptimiser.step();

        return valueLoss + actorLoss;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of("value", valueLoss, "actor", actorLoss);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        value.addTo(rows);
        rows.put("target", target);
        rows.put("advantage", advantage);
        policyLoss.addTo(rows);
        return rows;
    }

    @Override
    public Map<String, Double> diagnostics() {
        return policyLoss.diagnostics();
    }
}
