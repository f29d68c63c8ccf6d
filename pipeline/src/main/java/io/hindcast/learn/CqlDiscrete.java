package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Losses;
import io.hindcast.net.ActionValues;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.GreedyPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Policy;
import java.util.LinkedHashMap;
import java.util.Map;

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
public final class CqlDiscrete implements PolicyLearner {
    /** The settings of conservative Q-learning. */
    public record Config(
            @Setting(value = "1", range = "[0, inf)", meaning = "weight of the conservative term; 0 is deep Q-learning")
            double alpha,

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
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            critic.withoutDropout("critic");
        }

        @Override
        public void checkActions(ActionSpace actions) {
            LearnerSetup.discrete("cql-discrete", actions);
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new CqlDiscrete(this, setup);
        }
    }

    private final Config config;
    private final int actions;
    private final CriticEnsemble critic;
    private final CriticEnsemble targetCritic;
    private final GreedyPolicy policy;
    private final Adam optimizer;

    private final Inputs inputs;
    private final ActionValues nextValues;
    private final CriticEnsemble.Pass criticPass;

    private final float[] target;
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
        actions = setup.discrete("cql-discrete").count();
        var kernels = setup.kernels();
        var rows = setup.batchSize();
        critic = new CriticEnsemble(kernels, setup.spaces(), config.critic(), 1);
        targetCritic = new CriticEnsemble(kernels, setup.spaces(), config.critic(), 1);
        critic.initialise(setup.initialisation());
        targetCritic.copyFrom(critic);
        policy = new GreedyPolicy(critic.members().get(0));
        optimizer = new Adam(critic.members(), config.critic(), setup.updates());

        inputs = new Inputs(kernels, setup.spaces(), rows);
        nextValues = new ActionValues(critic, targetCritic, inputs.nextStates());
        criticPass = critic.pass(inputs.observations());
        target = new float[rows];
        slope = new float[rows];
        slopes = new float[rows * actions];
        softmax = new Categorical(rows, actions);
        logSumExp = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = config.doubleQ() ? nextValues.ofOnlineChoice() : nextValues.ofTargetChoice();
        Losses.bootstrap(batch.rewards(), batch.stopsBootstrap(), batch.steps(), valueNext, config.discount(), target);
        var q = criticPass.forward(0);
        qData = criticPass.ofData(batch)[0];
        temporalDifference = Losses.squaredError(qData, target, slope);
        conservative = hold(q, batch.actionIndices());
        loss = temporalDifference + config.alpha() * conservative;
        criticPass.backward(0, slopes);
        optimizer.step();

        if (optimizer.steps() % config.targetPeriod() == 0) {
            targetCritic.follow(critic, config.targetRate());
        }
        return loss;
    }

    /** The conservative term; writes the slopes of both terms, the softmax being the slope of the log-sum-exp. */
    private double hold(float[] q, int[] chosen) {
        softmax.load(q, inputs.states().possible());
        var normalisers = softmax.logSumExp();
        var shares = softmax.probabilities();
        var rows = chosen.length;
        var weight = config.alpha() / rows;
        for (var k = 0; k < slopes.length; k++) {
            slopes[k] = (float) (weight * shares[k]);
        }
        var sum = 0.0;
        for (var b = 0; b < rows; b++) {
            logSumExp[b] = (float) normalisers[b];
            sum += normalisers[b] - qData[b];
            var k = b * actions + chosen[b];
            slopes[k] = (float) (weight * (shares[k] - 1)) + slope[b];
        }
        return sum / rows;
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
        return Map.of("critic", loss, "temporal_difference", temporalDifference, "conservative", conservative);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", nextValues.actions());
        rows.put("value_next", nextValues.values());
        rows.put("target", target);
        rows.put("q_data", qData);
        rows.put("logsumexp", logSumExp);
        return rows;
    }
}
