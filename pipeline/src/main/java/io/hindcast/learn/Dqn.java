package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.ActionValues;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.GreedyPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Policy;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Deep Q-learning (Mnih et al. 2015), double (van Hasselt, Guez and Silver 2016) unless switched off, for discrete actions.
 *
 * <pre>
 * next_action = argmax_a Q(s', a)                     double-q: online critic, before its step; else the target's
 * minimise(critic, mean((Q(s,a) - (r + discount (1 - terminated) Qbar(s', next_action)))²))
 * Qbar = (1 - target-rate) Qbar + target-rate Q       every target-period updates
 * </pre>
 *
 * <p>The loss is the squared error where the papers clip its gradient. The policy is the critic's greedy one.
 */
public final class Dqn implements PolicyLearner {
    /** The settings of deep Q-learning. */
    public record Config(
            @Setting(
                    value = "true",
                    meaning = "whether the online critic chooses the next action that the target judges")
            boolean doubleQ,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount of a step")
            double discount,

            @Setting(
                    value = "1",
                    range = "(0, 1]",
                    meaning = "how far the target moves towards the critic; 1 copies it")
            double targetRate,

            @Setting(value = "300", range = "[1, inf)", meaning = "updates between two such moves")
            long targetPeriod,

            @Setting(value = "{}", meaning = "the critic's network")
            NetworkConfig critic)
            implements LearnerConfig, Serializable {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            critic.withoutDropout("critic");
        }

        @Override
        public void checkActions(ActionSpace actions) {
            LearnerSetup.discrete("dqn", actions);
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Dqn(this, setup);
        }
    }

    private final Config config;
    private final CriticEnsemble critic;
    private final CriticEnsemble targetCritic;
    private final GreedyPolicy policy;
    private final Adam optimizer;

    private final Inputs inputs;
    private final ActionValues nextValues;
    private final CriticEnsemble.Pass criticPass;

    private final float[] target;
    private final float[] slope;
    private float[] qData = new float[0];
    private double loss;

    Dqn(Config config, LearnerSetup setup) {
        this.config = config;
        setup.discrete("dqn");
        var kernels = setup.kernels();
        critic = new CriticEnsemble(kernels, setup.spaces(), config.critic(), 1);
        targetCritic = new CriticEnsemble(kernels, setup.spaces(), config.critic(), 1);
        critic.initialise(setup.initialisation());
        targetCritic.copyFrom(critic);
        policy = new GreedyPolicy(critic.members().get(0));
        optimizer = new Adam(critic.members(), config.critic(), setup.updates());

        inputs = new Inputs(kernels, setup.spaces(), setup.batchSize());
        nextValues = new ActionValues(critic, targetCritic, inputs.nextStates());
        criticPass = critic.pass(inputs.observations());
        target = new float[setup.batchSize()];
        slope = new float[setup.batchSize()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = config.doubleQ() ? nextValues.ofOnlineChoice() : nextValues.ofTargetChoice();
        Losses.bootstrap(batch.rewards(), batch.stopsBootstrap(), batch.steps(), valueNext, config.discount(), target);
        criticPass.forward();
        qData = criticPass.ofData(batch)[0];
        loss = Losses.squaredError(qData, target, slope);
        criticPass.backward(0, batch, slope);
        optimizer.step();

        if (optimizer.steps() % config.targetPeriod() == 0) {
            targetCritic.follow(critic, config.targetRate());
        }
        return loss;
    }

    @Override
    public Policy policy() {
        return policy;
    }

    @Override
    public Map<String, Network> networks() {
        var networks = new LinkedHashMap<String, Network>();
        critic.nameIn(networks, "critic");
        targetCritic.nameIn(networks, "target_critic");
        return networks;
    }

    @Override
    public Map<String, Adam> optimizers() {
        return Map.of("critic", optimizer);
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of("critic", loss);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", nextValues.actions());
        rows.put("value_next", nextValues.values());
        rows.put("target", target);
        rows.put("q_data", qData);
        return rows;
    }
}
