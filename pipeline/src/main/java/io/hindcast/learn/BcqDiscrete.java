package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.ActionValues;
import io.hindcast.net.Adam;
import io.hindcast.net.ConstrainedPolicy;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.Mlp;
import io.hindcast.net.NetworkConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Batch-constrained deep Q-learning for discrete actions (Fujimoto, Conti, Ghavamzadeh and Pineau 2019): double deep Q-learning that
 * considers only actions that the data is likely to take.
 *
 * <pre>
 * allowed     = those a with G(a|s') / max_b G(b|s') &gt; threshold       G = softmax of an imitation of the data; threshold 0: all
 * next_action = argmax over allowed a of Q(s', a)                      online critic, before its step
 * minimise(critic, mean h(Q(s,a) - (r + discount (1 - terminated) Qbar(s', next_action))))
 *                                                                      h(x) = x²/2 where |x| &lt; 1, else |x| - 1/2
 * minimise(imitation, -mean log G(a|s) + logit-penalty mean logits²)
 * Qbar = (1 - target-rate) Qbar + target-rate Q                        every target-period updates
 * </pre>
 *
 * <p>The critic and the imitation share no layers, where the paper's share those that see images. The policy is greedy among what is
 * allowed. Impossible actions have no share in G; their logits are penalised like all others.
 */
public final class BcqDiscrete implements CriticLearner {
    /** The settings of batch-constrained deep Q-learning. */
    public record Config(
            @Setting(
                    value = "0.3",
                    range = "[0, 1)",
                    meaning =
                            "an action counts if the data takes it with more than this share of the probability of the"
                                    + " likeliest one; 0 is deep Q-learning")
            double threshold,

            @Setting(value = "0.01", range = "[0, inf)", meaning = "weight of the mean squared logit of the imitation")
            double logitPenalty,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "1", range = "(0, 1]", meaning = "how far the target moves to the critic; 1 copies it")
            double targetRate,

            @Setting(value = "300", range = "[1, inf)", meaning = "updates between two moves of the target")
            long targetPeriod,

            @Setting(value = "{}", meaning = "the critic's network")
            NetworkConfig critic,

            @Setting(value = "{}", meaning = "the network that imitates the data")
            NetworkConfig imitation)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            critic.withoutDropout("critic");
            imitation.withoutDropout("imitation");
        }

        @Override
        public boolean isFor(ActionSpace actions) {
            return actions instanceof ActionSpace.Discrete;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new BcqDiscrete(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "target-rate = 0.005, target-period = 1, critic = " + sizes.critic() + ", imitation = "
                            + sizes.critic(),
                    3 * sizes.q().forward() + 2 * sizes.q().trained()));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final Mlp imitation;
    private final Adam imitationOptimiser;
    private final ConstrainedPolicy policy;

    private final Mlp.Pass imitationPass;
    private final Mlp.Pass nextImitationPass;
    private final Categorical imitated;
    private final Categorical nextImitated;
    private final boolean[] allowed;
    private final ActionValues nextValues;

    private final float[] slope;
    private final float[] slopes;
    private final float[] logProbability;
    private float[] logits = new float[0];
    private float[] qData = new float[0];
    private double criticLoss;
    private double crossEntropy;
    private double logitSquare;

    BcqDiscrete(Config config, LearnerSetup setup) {
        this.config = config;
        var count = setup.discrete(config).count();
        var rows = setup.batchSize();
        inputs = setup.inputs();
        critics = setup.critics(config.critic(), 1, inputs);
        imitation = setup.scores(config.imitation());
        imitationOptimiser = setup.adam(imitation, config.imitation());
        policy = new ConstrainedPolicy(critics.online().members().get(0), imitation, config.threshold());
        parts = new Parts().critics(critics).policy(policy).add("imitation", imitation, imitationOptimiser);

        imitationPass = imitation.pass(inputs.observations());
        nextImitationPass = imitation.forwardOnly(inputs.nextObservations());
        imitated = new Categorical(rows, count);
        nextImitated = new Categorical(rows, count);
        allowed = new boolean[rows * count];
        nextValues = new ActionValues(critics.online(), critics.targets(), inputs.nextStates());
        slope = new float[rows];
        slopes = new float[rows * count];
        logProbability = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        nextImitated.load(nextImitationPass.forward(), inputs.nextStates().possible());
        nextImitated.likely(config.threshold(), allowed);
        critics.bootstrap(batch, nextValues.ofOnlineChoiceAmong(allowed), config.discount());
        criticLoss = critics.regressByHuber(batch);
        qData = critics.ofData(batch)[0];

        logits = imitationPass.forward();
        imitated.load(logits, inputs.states().possible());
        imitated.logProbability(batch.actionIndices(), logProbability);
        crossEntropy = -Losses.mean(logProbability);
        Arrays.fill(slope, -1f / slope.length);
        imitated.gradient(batch.actionIndices(), slope, slopes);
        logitSquare = Losses.addMeanSquare(logits, config.logitPenalty(), slopes);
        imitationPass.backward(slopes);
        imitationOptimiser.step();

        critics.follow(config.targetRate(), config.targetPeriod());
        return criticLoss + imitationLoss();
    }

    private double imitationLoss() {
        return crossEntropy + config.logitPenalty() * logitSquare;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of(
                "critic", criticLoss,
                "imitation", imitationLoss(),
                "cross_entropy", crossEntropy,
                "logit_square", logitSquare);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        var shares = nextImitated.probabilities();
        var probability = new float[shares.length];
        var isAllowed = new float[shares.length];
        for (var k = 0; k < shares.length; k++) {
            probability[k] = (float) shares[k];
            isAllowed[k] = allowed[k] ? 1 : 0;
        }
        numbers.put("imitation_probability", probability);
        numbers.put("allowed", isAllowed);
        numbers.put("next_action", nextValues.actions());
        numbers.put("value_next", nextValues.values());
        numbers.put("target", critics.target());
        numbers.put("q_data", qData);
        numbers.put("logits", logits);
        numbers.put("log_probability", logProbability);
        return numbers;
    }

    @Override
    public Map<String, Double> diagnostics() {
        return Map.of("imitation/entropy", imitated.entropy());
    }
}
