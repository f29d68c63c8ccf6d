package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Adam;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.PolicyValue;
import io.hindcast.net.StochasticPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Advantage-weighted actor-critic (Nair, Gupta, Dalal and Levine 2020), for real-valued and for discrete actions.
 *
 * <pre>
 * value_next = min_i Qbar_i(s', a'), a' ~ pi(.|s')    discrete: sum_a pi(a|s') min_i Qbar_i(s', a)
 * minimise(critic, sum_i mean((Q_i(s,a) - (r + discount (1 - terminated) value_next))²))
 * advantage  = min_i Q_i(s,a) - value                 Q after its step; value as value_next, at s with Q_i
 * weight     = min(exp(advantage / temperature), max-weight)
 * minimise(actor, -mean(weight log pi(a|s)))                                                    equation 13
 * Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i  every target-period updates
 * </pre>
 *
 * <p>The temperature divides, as the paper's lambda. For real-valued actions both expectations over the policy are of one
 * sample, which is not clipped to the range of actions; for discrete ones they are exact.
 */
public final class Awac implements CriticLearner {
    /** The settings of advantage-weighted actor-critic. */
    public record Config(
            @Setting(value = "1", range = "(0, inf)", meaning = "divides the advantage: smaller is greedier")
            double temperature,

            @Setting(value = "100", range = "(0, inf)", meaning = "the largest weight of a row in the policy's loss")
            double maxWeight,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "2", range = "[1, 100]", meaning = "how many critics; the least of their values counts")
            int critics,

            @Setting(value = "0.005", range = "(0, 1]", meaning = "how far targets move towards critics; 1 copies them")
            double targetRate,

            @Setting(value = "1", range = "[1, inf)", meaning = "updates between two moves of the target")
            long targetPeriod,

            @Setting(value = "{}", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(value = "{}", meaning = "each critic's network")
            NetworkConfig critic,

            @Setting(value = "-5", meaning = "least log standard deviation of a Gaussian policy")
            double logStdMin,

            @Setting(value = "2", meaning = "greatest log standard deviation of a Gaussian policy")
            double logStdMax)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            new LogStdBounds(logStdMin, logStdMax);
            critic.withoutDropout("critic");
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Awac(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    sizes.weighted() + ", temperature = 1, critics = " + sizes.critics() + ", critic = "
                            + sizes.critic(),
                    sizes.pi().forward()
                            + sizes.pi().trained()
                            + sizes.critics()
                                    * (sizes.q().trained()
                                            + (sizes.isContinuous() ? 3 : 2)
                                                    * sizes.q().forward())));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final Adam actorOptimiser;

    private final StochasticPolicy.Pass nextActorPass;
    private final StochasticPolicy.Pass actorPass;
    private final WeightedLikelihood policyLoss;
    private final PolicyValue nextPolicyValue;
    private final PolicyValue policyValue;

    private final float[] qData;
    private final float[] advantage;
    private float[] valueNext = new float[0];
    private float[] value = new float[0];
    private double actorLoss;

    Awac(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        var actor = setup.stochasticPolicy(config.actor(), config.logStdMin(), config.logStdMax());
        critics = setup.critics(config.critic(), config.critics(), inputs);
        actorOptimiser = setup.adam(actor, config.actor());
        parts = new Parts().critics(critics).actor(actor, actorOptimiser);

        nextActorPass = actor.pass(inputs.nextStates());
        actorPass = actor.pass(inputs.states());
        nextPolicyValue = new PolicyValue(nextActorPass, critics.targets(), inputs.nextObservations());
        policyValue = new PolicyValue(actorPass, critics.online(), inputs.observations());

        var rows = setup.batchSize();
        qData = new float[rows];
        advantage = new float[rows];
        policyLoss = new WeightedLikelihood(actorPass, config.temperature(), config.maxWeight(), rows);
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        nextActorPass.forward();
        valueNext = nextPolicyValue.value(batch.nextObservations(), noise, "next_action");
        critics.bootstrap(batch, valueNext, config.discount());
        var criticLoss = critics.regress(batch);

        Losses.minimum(critics.forward(batch), qData);
        actorPass.forward(noise);
        value = policyValue.value(batch.observations(), noise, "policy_action", critics.outputs());
        Losses.difference(qData, value, advantage);
        actorLoss = policyLoss.backward(batch, advantage);
        actorOptimiser.step();

        critics.follow(config.targetRate(), config.targetPeriod());
        return criticLoss + actorLoss;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(Map.of("actor", actorLoss));
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", nextPolicyValue.actions());
        rows.put("value_next", valueNext);
        rows.put("target", critics.target());
        rows.put("q_data", qData);
        rows.put("policy_action", policyValue.actions());
        rows.put("value", value);
        rows.put("advantage", advantage);
        policyLoss.addTo(rows);
        return rows;
    }

    @Override
    public Map<String, Double> diagnostics() {
        return policyLoss.diagnostics();
    }
}
