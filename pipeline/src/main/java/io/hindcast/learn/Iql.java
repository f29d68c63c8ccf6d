package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.GaussianPolicy.GaussianPass;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.StochasticPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Implicit Q-learning (Kostrikov, Nair and Levine 2022), with twin critics, for real-valued and for discrete actions.
 *
 * <pre>
 * minimise(value, mean(|expectile - 1[u &lt; 0]| u²))    u = min_i Qbar_i(s,a) - V(s)              equation 5
 * advantage = min_i Q_i(s,a) - V(s)                   V after its step, Q before theirs
 * weight    = min(exp(advantage / temperature), max-weight)
 * minimise(actor, -mean(weight log pi(a|s)))                                                   equation 7
 * minimise(critic, sum_i mean((Q_i(s,a) - (r + discount (1 - terminated) V(s')))²))            equation 6
 * Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i  every target-period updates
 * </pre>
 *
 * <p>Public implementations use four different orders; this one is value, policy, critics, targets, each step seeing the
 * networks as the steps before it left them ({@link Order#SEQUENTIAL}), or all as they were before. The temperature divides: it is
 * one over the paper's beta. The advantage is taken from the online critics, where the paper's code takes it from the targets. In
 * place of equation 7 the policy may follow the critics' gradient, see {@link Extraction}.
 */
public final class Iql implements CriticLearner {
    /** Which weights the steps of an update see. */
    public enum Order {
        /** Value function, policy, critics, each after the other. */
        SEQUENTIAL,
        /** All as before the update, with the target critics in the advantage. */
        SIMULTANEOUS
    }

    /** The settings of implicit Q-learning. */
    public record Config(
            @Setting(
                    value = "0.9",
                    range = "(0, 1)",
                    meaning = "expectile of Q that V regresses to: 0.5 is the mean, near 1 the best in the data")
            double expectile,

            @Setting(value = "0.1", range = "(0, inf)", meaning = "divides the advantage: smaller is greedier")
            double temperature,

            @Setting(value = "50", range = "(0, inf)", meaning = "the largest weight of a row in the policy's loss")
            double maxWeight,

            @Setting(
                    value = "sequential",
                    meaning = "sequential: each step of an update uses the networks that the steps before it changed;"
                            + " simultaneous: all use those from before it, and advantages are of the target critics")
            Order order,

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

            @Setting(value = "{}", meaning = "the value function's network")
            NetworkConfig value,

            @Setting(value = "-5", meaning = "least log standard deviation of a Gaussian policy")
            double logStdMin,

            @Setting(value = "2", meaning = "greatest log standard deviation of a Gaussian policy")
            double logStdMax,

            @Setting(
                    value = "awr",
                    later = true,
                    meaning =
                            "how the policy is learned: awr: likelihood of the data's actions, weighted by their"
                                    + " advantage; ddpg-bc: gradient of the critics in its mean, and likelihood of the data's actions")
            Extraction extraction,

            @Setting(
                    value = "1",
                    range = "[0, inf)",
                    later = true,
                    meaning = "with extraction = ddpg-bc, weight of the likelihood in the policy's loss")
            double bcCoefficient,

            @Setting(
                    value = "1",
                    range = "(0, inf)",
                    later = true,
                    meaning =
                            "with extraction = ddpg-bc, the policy's standard deviation, which is not learned; log-std-min"
                                    + " and log-std-max have no effect then")
            double std)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            new LogStdBounds(logStdMin, logStdMax);
            critic.withoutDropout("critic");
            value.withoutDropout("value");
        }

        @Override
        public void checkActions(ActionSpace actions) {
            if (extraction == Extraction.DDPG_BC && actions instanceof ActionSpace.Discrete) {
                throw new UserException(
                        "Cannot use extraction = ddpg-bc on discrete actions: these have no gradient; use awr");
            }
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Iql(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    sizes.weighted() + ", temperature = 0.1, order = simultaneous, critics = " + sizes.critics()
                            + ", critic = " + sizes.critic() + ", value = " + sizes.critic(),
                    sizes.critics() * (sizes.q().forward() + sizes.q().trained())
                            + sizes.v().forward()
                            + sizes.v().trained()
                            + sizes.pi().trained()));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final StateValue value;
    private final Critics critics;
    private final Adam actorOptimiser;
    private final StochasticPolicy.Pass actorPass;
    private final PolicyLoss policyLoss;
    private final CriticEnsemble.Pass targetPass;

    private final float[] qTargetData;
    private final float[] expectileWeight;
    private final float[] qData;
    private final float[] advantage;
    private float[] valueUpdated = new float[0];
    private double valueLoss;
    private double actorLoss;

    Iql(Config config, LearnerSetup setup) {
        this.config = config;
        config.checkActions(setup.spaces().actions());
        inputs = setup.inputs();
        var isLearned = config.extraction() == Extraction.AWR;
        var logStd = Math.log(config.std());
        var actor = setup.stochasticPolicy(
                config.actor(), isLearned ? config.logStdMin() : logStd, isLearned ? config.logStdMax() : logStd);
        value = new StateValue(setup, config.value(), inputs);
        critics = setup.critics(config.critic(), config.critics(), inputs);
        actorOptimiser = setup.adam(actor, config.actor());
        parts = value.addTo(new Parts().critics(critics).actor(actor, actorOptimiser));

        var rows = setup.batchSize();
        actorPass = actor.pass(inputs.states());
        targetPass = critics.targets().forwardOnly(inputs.stateActions());
        policyLoss = isLearned
                ? new WeightedLikelihood(actorPass, config.temperature(), config.maxWeight(), rows)
                : new GradientExtraction((GaussianPass) actorPass, critics.online(), config.bcCoefficient(), rows);
        qTargetData = new float[rows];
        expectileWeight = new float[rows];
        qData = new float[rows];
        advantage = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        Losses.minimum(targetPass.forward(batch), qTargetData);
        var simultaneous = config.order() == Order.SIMULTANEOUS;
        if (simultaneous) {
            value.next();
        }
        var valueBefore = value.here();
        valueLoss = Losses.expectile(valueBefore, qTargetData, config.expectile(), expectileWeight, value.slope());
        value.step();

        // Q(s,a) serves the advantage here and the critics' loss below: the critics move only then.
        Losses.minimum(critics.forward(batch), qData);
        valueUpdated = simultaneous ? valueBefore : value.updated();
        Losses.difference(simultaneous ? qTargetData : qData, valueUpdated, advantage);
        actorPass.forward(noise);
        actorLoss = policyLoss.backward(batch, advantage);
        actorOptimiser.step();

        critics.bootstrap(batch, simultaneous ? value.lastNext() : value.next(), config.discount());
        var criticLoss = critics.regressFromForward(batch);
        critics.follow(config.targetRate(), config.targetPeriod());
        return valueLoss + actorLoss + criticLoss;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(Map.of("value", valueLoss, "actor", actorLoss));
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("q_target_data", qTargetData);
        value.addTo(rows);
        rows.put("expectile_weight", expectileWeight);
        rows.put("value_updated", valueUpdated);
        rows.put("q_data", qData);
        rows.put("advantage", advantage);
        policyLoss.addTo(rows);
        rows.put("target", critics.target());
        return rows;
    }

    @Override
    public Map<String, Double> diagnostics() {
        return policyLoss.diagnostics();
    }
}
