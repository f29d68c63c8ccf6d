package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Inputs;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.PolicyValue;
import io.hindcast.net.StochasticPolicy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fitted Q evaluation (Le, Voloshin and Yue 2019): the action values of a given policy, which never moves, from the data of
 * another one.
 *
 * <pre>
 * value_next = Qbar(s', a'), a' ~ pi(.|s')            discrete: sum_a pi(a|s') Qbar(s', a)
 * minimise(critic, mean((Q(s,a) - (r + discount (1 - terminated) value_next))²))
 * Qbar = (1 - target-rate) Qbar + target-rate Q       every target-period updates
 * </pre>
 */
public final class Fqe implements Learner {
    /** The settings of fitted Q evaluation. */
    public record Config(
            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount of a step")
            double discount,

            @Setting(
                    value = "0.005",
                    range = "(0, 1]",
                    meaning = "how far the target moves towards the critic; 1 copies it")
            double targetRate,

            @Setting(value = "1", range = "[1, inf)", meaning = "updates between two such moves")
            long targetPeriod,

            @Setting(value = "{}", meaning = "the critic's network")
            NetworkConfig critic) {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            critic.withoutDropout("critic");
        }

        /** Makes the learner of {@code policy}'s values, with fresh parameters. */
        public Fqe learner(StochasticPolicy policy, LearnerSetup setup) {
            return new Fqe(this, policy, setup);
        }
    }

    private final Config config;
    private final StochasticPolicy policy;
    private final CriticEnsemble critic;
    private final CriticEnsemble targetCritic;
    private final Adam optimizer;
    private final Inputs inputs;
    private final StochasticPolicy.Pass nextPolicyPass;
    private final PolicyValue nextPolicyValue;
    private final CriticEnsemble.Pass criticPass;

    private final float[] target;
    private final float[] slope;
    private float[] valueNext = new float[0];
    private float[] qData = new float[0];
    private double loss;

    private Fqe(Config config, StochasticPolicy policy, LearnerSetup setup) {
        this.config = config;
        this.policy = policy;
        var kernels = setup.kernels();
        var spaces = setup.spaces();
        critic = new CriticEnsemble(kernels, spaces, config.critic(), 1);
        targetCritic = new CriticEnsemble(kernels, spaces, config.critic(), 1);
        critic.initialise(setup.initialisation());
        targetCritic.copyFrom(critic);
        optimizer = new Adam(critic.members(), config.critic(), setup.updates());
        inputs = new Inputs(kernels, spaces, setup.batchSize());
        nextPolicyPass = policy.pass(inputs.nextStates());
        nextPolicyValue = new PolicyValue(kernels, spaces, nextPolicyPass, targetCritic, inputs.nextObservations());
        criticPass = critic.pass(inputs.stateActions());
        target = new float[setup.batchSize()];
        slope = new float[setup.batchSize()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        nextPolicyPass.forward();
        valueNext = nextPolicyValue.value(batch.nextObservations(), noise, "next_action");
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
    public Map<String, Network> networks() {
        var networks = new LinkedHashMap<String, Network>();
        networks.put("policy", policy);
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
        return Map.of("critic", loss, "critic_0", loss);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", nextPolicyValue.actions());
        rows.put("value_next", valueNext);
        rows.put("target", target);
        rows.put("q_data", qData);
        return rows;
    }
}
