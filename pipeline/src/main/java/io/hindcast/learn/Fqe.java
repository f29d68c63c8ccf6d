package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.net.Adam;
import io.hindcast.net.Critics;
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
    private final Inputs inputs;
    private final StochasticPolicy policy;
    private final StochasticPolicy.Pass nextPolicyPass;
    private final Critics critics;
    private final PolicyValue nextPolicyValue;

    private float[] valueNext = new float[0];
    private float[] qData = new float[0];

    private Fqe(Config config, StochasticPolicy policy, LearnerSetup setup) {
        this.config = config;
        this.policy = policy;
        inputs = setup.inputs();
        nextPolicyPass = policy.pass(inputs.nextStates());
        critics = setup.critics(config.critic(), 1, inputs);
        nextPolicyValue = new PolicyValue(nextPolicyPass, critics.targets(), inputs.nextObservations());
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        nextPolicyPass.forward();
        valueNext = nextPolicyValue.value(batch.nextObservations(), noise, "next_action");
        critics.bootstrap(batch, valueNext, config.discount());
        qData = critics.forward(batch)[0];
        var loss = critics.regress(batch);
        critics.follow(config.targetRate(), config.targetPeriod());
        return loss;
    }

    @Override
    public Map<String, Network> networks() {
        return critics.networks(Map.of("policy", policy));
    }

    @Override
    public Map<String, Adam> optimizers() {
        return critics.optimizers(Map.of());
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(Map.of());
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", nextPolicyValue.actions());
        rows.put("value_next", valueNext);
        rows.put("target", critics.target());
        rows.put("q_data", qData);
        return rows;
    }
}
