package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Conservative;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Adam;
import io.hindcast.net.Candidates;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.SquashedDraw;
import io.hindcast.net.SquashedGaussianPolicy;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Conservative Q-learning, CQL(H), for real-valued actions (Kumar, Zhou, Tucker and Levine 2020) on soft actor-critic with a
 * squashed Gaussian policy.
 *
 * <pre>
 * value_next  = min_i Qbar_i(s', a'), a' ~ pi(.|s')   no entropy term
 * target      = r + discount (1 - terminated) value_next
 * logsumexp_i = log sum over num-actions candidates from each of uniform, pi(.|s) and pi(.|s')
 *                   of exp(Q_i(s, candidate) - log density(candidate))                          appendix F
 * minimise(critic, sum_i mean((Q_i(s,a) - target)²) + alpha sum_i mean(logsumexp_i - Q_i(s,a)))  equation 4
 * minimise(actor, mean(entropy-coefficient log pi(a|s) - min_i Q_i(s, a))), a ~ pi(.|s)         Q after its step
 * Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i  every target-period updates
 * </pre>
 *
 * <p>All candidates are judged at s, those drawn at s' included, and carry no gradient. The squared errors have no factor 1/2,
 * so that alpha weighs half of what it does in the paper. The entropy coefficient is fixed.
 */
public final class CqlContinuous implements CriticLearner {
    /** The settings of conservative Q-learning. */
    public record Config(
            @Setting(value = "10", range = "[0, inf)", meaning = "weight of the conservative term")
            double alpha,

            @Setting(value = "10", range = "[1, 1000]", meaning = "candidate actions from each of the three sources")
            int numActions,

            @Setting(value = "0.2", range = "[0, inf)", meaning = "weight of the policy's entropy in its loss")
            double entropyCoefficient,

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

            @Setting(value = "-20", meaning = "least log standard deviation, before the squashing")
            double logStdMin,

            @Setting(value = "2", meaning = "greatest log standard deviation, before the squashing")
            double logStdMax)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            new LogStdBounds(logStdMin, logStdMax);
            actor.withoutDropout("actor");
            critic.withoutDropout("critic");
        }

        @Override
        public boolean isFor(ActionSpace actions) {
            return actions instanceof ActionSpace.Continuous;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new CqlContinuous(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "num-actions = 10, actor = " + sizes.actor() + ", critic = " + sizes.critic(),
                    sizes.squashed().trained()
                            + sizes.squashed().forward()
                            + sizes.critics()
                                    * (sizes.q().through(sizes.actions())
                                            + sizes.q().forward()
                                            + (1 + 3 * 10) * sizes.q().trained())));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final Adam actorOptimiser;

    private final SquashedGaussianPolicy.SquashedPass actorPass;
    private final SquashedGaussianPolicy.SquashedPass nextActorPass;
    private final SquashedDraw next;
    private final CriticEnsemble.Pass targetPass;
    private final Candidates candidates;
    private final CriticEnsemble.Pass criticPass;
    private final Conservative term;
    private final SquashedDraw actorDraw;
    private final LeastValue actorValue;

    private final float[] valueNext;
    private final float[] qData;
    private final float[] slope;
    private final float[] slopes;
    private final float[][] logSumExp;
    private final float[] entropySlope;
    private double temporalDifference;
    private double conservative;
    private double actorLoss;

    CqlContinuous(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        var actor = setup.squashedGaussianPolicy(config.actor(), config.logStdMin(), config.logStdMax(), config);
        critics = setup.critics(config.critic(), config.critics(), inputs);
        actorOptimiser = setup.adam(actor, config.actor());
        parts = new Parts().critics(critics).actor(actor, actorOptimiser);

        var rows = setup.batchSize();
        actorPass = actor.pass(inputs.observations());
        nextActorPass = actor.pass(inputs.nextObservations());
        next = nextActorPass.draw(1);
        targetPass = critics.targets().forwardOnly(rows);
        candidates = new Candidates(critics.online(), actorPass, nextActorPass, rows, config.numActions());
        criticPass = critics.online().pass(candidates.matrix());
        term = new Conservative(candidates.count());
        actorDraw = actorPass.draw(1);
        actorValue = new LeastValue(critics.online(), rows);

        valueNext = new float[rows];
        qData = new float[rows];
        slope = new float[rows];
        slopes = new float[candidates.matrix().columns()];
        logSumExp = new float[critics.size()][rows];
        entropySlope = new float[rows];
        Arrays.fill(entropySlope, (float) (config.entropyCoefficient() / rows));
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        nextActorPass.forward();
        next.from(noise, "next_action");
        targetPass.load(batch.nextObservations(), next.actions());
        Losses.minimum(targetPass.forward(), valueNext);
        critics.bootstrap(batch, valueNext, config.discount());

        actorPass.forward();
        candidates.draw(batch, noise);
        temporalDifference = 0;
        conservative = 0;
        for (var i = 0; i < critics.size(); i++) {
            var q = criticPass.forward(i);
            candidates.ofData(q, qData);
            temporalDifference += critics.squaredError(i, qData, slope);
            conservative += term.ofCandidates(q, candidates.logDensity(), config.alpha(), slope, logSumExp[i], slopes);
            criticPass.backward(i, slopes);
        }
        critics.step();

        actorDraw.from(noise, "actor_action");
        var qActor = actorValue.of(batch.observations(), actorDraw.actions());
        actorLoss = config.entropyCoefficient() * Losses.mean(actorDraw.logProbability()) - Losses.mean(qActor);
        actorDraw.backward(actorValue.descent(1), entropySlope);
        actorOptimiser.step();

        critics.follow(config.targetRate(), config.targetPeriod());
        return criticLoss() + actorLoss;
    }

    private double criticLoss() {
        return temporalDifference + config.alpha() * conservative;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(Map.of(
                "temporal_difference", temporalDifference,
                "conservative", conservative,
                "critic", criticLoss(),
                "actor", actorLoss));
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        numbers.put("next_action", next.actions());
        numbers.put("next_log_probability", next.logProbability());
        numbers.put("value_next", valueNext);
        numbers.put("target", critics.target());
        numbers.put("q_data", qData);
        candidates.addTo(numbers);
        for (var i = 0; i < logSumExp.length; i++) {
            numbers.put("logsumexp_" + i, logSumExp[i]);
        }
        numbers.put("actor_action", actorDraw.actions());
        numbers.put("actor_log_probability", actorDraw.logProbability());
        actorValue.addTo(numbers);
        return numbers;
    }

    @Override
    public Map<String, Double> diagnostics() {
        // Of the squashed distribution there is no closed form: the mean over the sample.
        return Map.of("policy/entropy", -Losses.mean(actorDraw.logProbability()));
    }
}
