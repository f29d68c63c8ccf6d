package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Conservative;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.ActionValues;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.GreedyPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.NetworkConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Conservative Q-learning for discrete actions (Kumar, Zhou, Tucker and Levine 2020): deep Q-learning whose values are held
 * down where the data has no actions.
 *
 * <pre>
 * next_action = argmax_a Q(s', a)                     double-q: online critic, before its step; else the target's
 * minimise(critic, mean((Q(s,a) - (r + discount (1 - terminated) Qbar(s', next_action)))²)
 *                  + alpha mean(log sum_b exp Q(s,b) - Q(s,a)))                                 equation 4, CQL(H)
 * Qbar = (1 - target-rate) Qbar + target-rate Q       every target-period updates
 * </pre>
 *
 * <p>With alpha 0 it is {@link Dqn}, bit for bit. The squared error has no factor 1/2, so that alpha weighs half of what it
 * does in the paper.
 */
public final class CqlDiscrete implements CriticLearner {
    /** The settings of conservative Q-learning. */
    public record Config(
            @Setting(value = "1", range = "[0, inf)", meaning = "weight of the conservative term; 0 is deep Q-learning")
            double alpha,

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
            implements LearnerConfig {

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
            return new CqlDiscrete(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "double-q = false, target-rate = 0.005, target-period = 1, alpha = 1, critic = " + sizes.critic(),
                    sizes.q().forward() + sizes.q().trained()));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final ActionValues nextValues;
    private final CriticEnsemble.Pass criticPass;

    private final float[] slope;
    private final float[] slopes;
    private final Categorical softmax;
    private final float[] logSumExp;
    private float[] qData = new float[0];
    private double temporalDifference;
    private double conservative;
    private double loss;

    CqlDiscrete(Config config, LearnerSetup setup) {
        this.config = config;
        var actions = setup.discrete(config).count();
        var rows = setup.batchSize();
        inputs = setup.inputs();
        critics = setup.critics(config.critic(), 1, inputs);
        parts = new Parts()
                .critics(critics)
                .policy(new GreedyPolicy(critics.online().members().get(0)));
        nextValues = new ActionValues(critics.online(), critics.targets(), inputs.nextStates());
        criticPass = critics.online().pass(inputs.observations());
        slope = new float[rows];
        slopes = new float[rows * actions];
        softmax = new Categorical(rows, actions);
        logSumExp = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = config.doubleQ() ? nextValues.ofOnlineChoice() : nextValues.ofTargetChoice();
        critics.bootstrap(batch, valueNext, config.discount());
        qData = criticPass.forward(batch)[0];
        temporalDifference = critics.squaredError(0, qData, slope);
        softmax.load(criticPass.outputs()[0], inputs.states().possible());
        conservative =
                Conservative.ofAll(softmax, batch.actionIndices(), qData, config.alpha(), slope, logSumExp, slopes);
        loss = temporalDifference + config.alpha() * conservative;
        criticPass.backward(0, slopes);
        critics.step();
        critics.follow(config.targetRate(), config.targetPeriod());
        return loss;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of("critic", loss, "temporal_difference", temporalDifference, "conservative", conservative);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", nextValues.actions());
        rows.put("value_next", nextValues.values());
        rows.put("target", critics.target());
        rows.put("q_data", qData);
        rows.put("logsumexp", logSumExp);
        return rows;
    }
}
