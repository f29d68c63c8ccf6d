package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.ActionValues;
import io.hindcast.net.Critics;
import io.hindcast.net.GreedyPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.NetworkConfig;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;

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
public final class Dqn implements CriticLearner {
    /** The settings of deep Q-learning. */
    public record Config(
            @Setting(
                    value = "true",
                    meaning = "whether the online critic chooses the next action that the target judges")
            boolean doubleQ,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "1", range = "(0, 1]", meaning = "how far the target moves to the critic; 1 copies it")
            double targetRate,

            @Setting(value = "300", range = "[1, inf)", meaning = "updates between two moves of the target")
            long targetPeriod,

            @Setting(value = "{}", meaning = "the critic's network")
            NetworkConfig critic)
            implements LearnerConfig, Serializable {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            critic.withoutDropout("critic");
        }

        @Override
        public boolean isFor(ActionSpace actions) {
            return actions instanceof ActionSpace.Discrete;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Dqn(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "double-q = false, target-rate = 0.005, target-period = 1, critic = " + sizes.critic(),
                    sizes.q().forward() + sizes.q().trained()));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final ActionValues nextValues;

    private float[] qData = new float[0];
    private double loss;

    Dqn(Config config, LearnerSetup setup) {
        this.config = config;
        setup.discrete(config);
        inputs = setup.inputs();
        critics = setup.critics(config.critic(), 1, inputs);
        parts = new Parts()
                .critics(critics)
                .policy(new GreedyPolicy(critics.online().members().get(0)));
        nextValues = new ActionValues(critics.online(), critics.targets(), inputs.nextStates());
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = config.doubleQ() ? nextValues.ofOnlineChoice() : nextValues.ofTargetChoice();
        critics.bootstrap(batch, valueNext, config.discount());
        loss = critics.regress(batch);
        qData = critics.ofData(batch)[0];
        critics.follow(config.targetRate(), config.targetPeriod());
        return loss;
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
        return Map.of(
                "next_action", nextValues.actions(),
                "value_next", nextValues.values(),
                "target", critics.target(),
                "q_data", qData);
    }
}
