package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Policy;
import io.hindcast.net.SquashedGaussianPolicy;
import io.hindcast.net.StateActions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
public final class CqlContinuous implements PolicyLearner {
    private static final int SOURCES = 3;

    /** The settings of conservative Q-learning. */
    public record Config(
            @Setting(value = "10", range = "[0, inf)", meaning = "weight of the conservative term")
            double alpha,

            @Setting(value = "10", range = "[1, 1000]", meaning = "candidate actions from each of the three sources")
            int numActions,

            @Setting(value = "0.2", range = "[0, inf)", meaning = "weight of the policy's entropy in its loss")
            double entropyCoefficient,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount of a step")
            double discount,

            @Setting(value = "2", range = "[1, 100]", meaning = "how many critics; the least of them counts")
            int critics,

            @Setting(
                    value = "0.005",
                    range = "(0, 1]",
                    meaning = "how far targets move towards their critics; 1 copies them")
            double targetRate,

            @Setting(value = "1", range = "[1, inf)", meaning = "updates between two such moves")
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
        public void checkActions(ActionSpace actions) {
            LearnerSetup.continuous("cql-continuous", actions);
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new CqlContinuous(this, setup);
        }
    }

    private final Config config;
    private final int rows;
    /** Samples a row in the critics' pass: the data's action, then the candidates. */
    private final int samples;

    private final SquashedGaussianPolicy actor;
    private final CriticEnsemble critics;
    private final CriticEnsemble targetCritics;
    private final Adam actorOptimizer;
    private final Adam criticOptimizer;

    private final Inputs inputs;
    private final SquashedGaussianPolicy.SquashedPass actorPass;
    private final SquashedGaussianPolicy.SquashedPass nextActorPass;
    private final StateActions nextSample;
    private final StateActions candidates;
    private final StateActions actorSample;
    private final CriticEnsemble.Pass targetPass;
    private final CriticEnsemble.Pass criticPass;
    private final CriticEnsemble.Pass actorCriticPass;

    private final Draw next;
    private final Draw actorDraw;
    private final Draw policyDraw;
    private final Draw nextPolicyDraw;
    private final float[] uniform;
    private final double logUniformDensity;
    private final float[][] sources;
    private final double[] scores;
    private final boolean[] taken;

    private final float[] valueNext;
    private final float[] target;
    private final float[] qData;
    private final float[] slope;
    private final float[] slopes;
    private final float[][] logSumExp;
    private final float[] qActor;
    private final float[] actionGradient;
    private final float[] actionGradients;
    private final float[] entropySlope;
    private final double[] criticLosses;
    private double temporalDifference;
    private double conservative;
    private double actorLoss;

    /** Actions drawn from the policy with the noise they came from. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Draw(int candidates, float[] noise, float[] actions, float[] logProbability) {
        Draw(int rows, int candidates, int dimension) {
            this(
                    candidates,
                    new float[rows * candidates * dimension],
                    new float[rows * candidates * dimension],
                    new float[rows * candidates]);
        }

        void from(SquashedGaussianPolicy.SquashedPass pass, Noise random, String name) {
            random.normal(name, noise);
            pass.sample(candidates, noise, actions, logProbability);
        }
    }

    CqlContinuous(Config config, LearnerSetup setup) {
        this.config = config;
        rows = setup.batchSize();
        samples = 1 + SOURCES * config.numActions();
        var kernels = setup.kernels();
        var spaces = setup.spaces();
        var space = setup.continuous("cql-continuous");
        var n = space.dimension();

        actor = new SquashedGaussianPolicy(
                kernels,
                spaces.observationSize(),
                space,
                config.actor(),
                new LogStdBounds(config.logStdMin(), config.logStdMax()));
        critics = new CriticEnsemble(kernels, spaces, config.critic(), config.critics());
        targetCritics = new CriticEnsemble(kernels, spaces, config.critic(), config.critics());
        actor.initialise(setup.initialisation());
        critics.initialise(setup.initialisation());
        targetCritics.copyFrom(critics);
        actorOptimizer = new Adam(List.of(actor), config.actor(), setup.updates());
        criticOptimizer = new Adam(critics.members(), config.critic(), setup.updates());

        inputs = new Inputs(kernels, spaces, rows);
        actorPass = actor.pass(inputs.observations());
        nextActorPass = actor.pass(inputs.nextObservations());
        nextSample = new StateActions(kernels, spaces, rows);
        candidates = new StateActions(kernels, spaces, rows * samples);
        actorSample = new StateActions(kernels, spaces, rows);
        targetPass = targetCritics.forwardOnly(nextSample.matrix());
        criticPass = critics.pass(candidates.matrix());
        actorCriticPass = critics.pass(actorSample.matrix());

        next = new Draw(rows, 1, n);
        actorDraw = new Draw(rows, 1, n);
        policyDraw = new Draw(rows, config.numActions(), n);
        nextPolicyDraw = new Draw(rows, config.numActions(), n);
        uniform = new float[rows * config.numActions() * n];
        logUniformDensity = -n * Math.log(2);
        sources = new float[][] {uniform, policyDraw.actions, nextPolicyDraw.actions};
        scores = new double[SOURCES * config.numActions()];
        taken = new boolean[rows];

        valueNext = new float[rows];
        target = new float[rows];
        qData = new float[rows];
        slope = new float[rows];
        slopes = new float[rows * samples];
        logSumExp = new float[config.critics()][rows];
        qActor = new float[rows];
        actionGradient = new float[rows * n];
        actionGradients = new float[rows * n];
        entropySlope = new float[rows];
        criticLosses = new double[config.critics()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        nextActorPass.forward();
        next.from(nextActorPass, noise, "next_action");
        nextSample.load(batch.nextObservations(), next.actions);
        Losses.minimum(targetPass.forward(), valueNext);
        Losses.bootstrap(batch.rewards(), batch.stopsBootstrap(), batch.steps(), valueNext, config.discount(), target);

        actorPass.forward();
        noise.uniform("uniform_actions", uniform);
        policyDraw.from(actorPass, noise, "policy_actions");
        nextPolicyDraw.from(nextActorPass, noise, "next_policy_actions");
        loadCandidates(batch);
        temporalDifference = 0;
        conservative = 0;
        for (var i = 0; i < critics.size(); i++) {
            var q = criticPass.forward(i);
            for (var b = 0; b < rows; b++) {
                qData[b] = q[b * samples];
            }
            criticLosses[i] = Losses.squaredError(qData, target, slope);
            temporalDifference += criticLosses[i];
            conservative += hold(q, logSumExp[i]);
            criticPass.backward(i, slopes);
        }
        criticOptimizer.step();

        actorDraw.from(actorPass, noise, "actor_action");
        actorSample.load(batch.observations(), actorDraw.actions);
        var q = actorCriticPass.forward();
        Losses.minimum(q, qActor);
        actorLoss = config.entropyCoefficient() * Losses.mean(actorDraw.logProbability) - Losses.mean(qActor);
        improveActor(q);

        if (criticOptimizer.steps() % config.targetPeriod() == 0) {
            targetCritics.follow(critics, config.targetRate());
        }
        return temporalDifference + config.alpha() * conservative + actorLoss;
    }

    private void loadCandidates(Batch batch) {
        var k = config.numActions();
        for (var b = 0; b < rows; b++) {
            var column = b * samples;
            candidates.put(column++, batch.observations(), b, batch.actions(), b);
            for (var source : sources) {
                for (var c = 0; c < k; c++) {
                    candidates.put(column++, batch.observations(), b, source, b * k + c);
                }
            }
        }
        candidates.flush();
    }

    /** The conservative term of one critic; writes its slopes and, from {@link #slope}, the squared error's. */
    private double hold(float[] q, float[] logSumExps) {
        var k = config.numActions();
        var sum = 0.0;
        for (var b = 0; b < rows; b++) {
            var largest = Double.NEGATIVE_INFINITY;
            for (var c = 0; c < scores.length; c++) {
                var logDensity = c < k
                        ? logUniformDensity
                        : c < 2 * k
                                ? policyDraw.logProbability[b * k + c - k]
                                : nextPolicyDraw.logProbability[b * k + c - 2 * k];
                scores[c] = q[b * samples + 1 + c] - logDensity;
                largest = Math.max(largest, scores[c]);
            }
            var total = 0.0;
            for (var c = 0; c < scores.length; c++) {
                scores[c] = Math.exp(scores[c] - largest);
                total += scores[c];
            }
            logSumExps[b] = (float) (largest + Math.log(total));
            sum += logSumExps[b] - qData[b];
            slopes[b * samples] = (float) (slope[b] - config.alpha() / rows);
            for (var c = 0; c < scores.length; c++) {
                slopes[b * samples + 1 + c] = (float) (config.alpha() * scores[c] / total / rows);
            }
        }
        return sum / rows;
    }

    /** One step of the policy through the least critic of each row. */
    private void improveActor(float[][] q) {
        Arrays.fill(actionGradients, 0);
        Arrays.fill(taken, false);
        for (var i = 0; i < q.length; i++) {
            for (var b = 0; b < rows; b++) {
                var least = !taken[b] && q[i][b] == qActor[b];
                slope[b] = least ? -1f / rows : 0;
                taken[b] |= least;
            }
            actorCriticPass.actionGradient(i, slope, actionGradient);
            for (var k = 0; k < actionGradients.length; k++) {
                actionGradients[k] += actionGradient[k];
            }
        }
        Arrays.fill(entropySlope, (float) (config.entropyCoefficient() / rows));
        actorPass.backward(actorDraw.noise, actionGradients, entropySlope);
        actorOptimizer.step();
    }

    @Override
    public Policy policy() {
        return actor;
    }

    @Override
    public Map<String, Network> networks() {
        var networks = new LinkedHashMap<String, Network>();
        networks.put("actor", actor);
        critics.nameIn(networks, "critic");
        targetCritics.nameIn(networks, "target_critic");
        return networks;
    }

    @Override
    public Map<String, Adam> optimizers() {
        return Map.of("actor", actorOptimizer, "critic", criticOptimizer);
    }

    @Override
    public Map<String, Double> losses() {
        var losses = new LinkedHashMap<String, Double>();
        losses.put("temporal_difference", temporalDifference);
        losses.put("conservative", conservative);
        losses.put("critic", temporalDifference + config.alpha() * conservative);
        losses.put("actor", actorLoss);
        for (var i = 0; i < criticLosses.length; i++) {
            losses.put("critic_" + i, criticLosses[i]);
        }
        return losses;
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        numbers.put("next_action", next.actions);
        numbers.put("next_log_probability", next.logProbability);
        numbers.put("value_next", valueNext);
        numbers.put("target", target);
        numbers.put("q_data", qData);
        numbers.put("policy_actions", policyDraw.actions);
        numbers.put("policy_log_probability", policyDraw.logProbability);
        numbers.put("next_policy_actions", nextPolicyDraw.actions);
        numbers.put("next_policy_log_probability", nextPolicyDraw.logProbability);
        for (var i = 0; i < logSumExp.length; i++) {
            numbers.put("logsumexp_" + i, logSumExp[i]);
        }
        numbers.put("actor_action", actorDraw.actions);
        numbers.put("actor_log_probability", actorDraw.logProbability);
        numbers.put("q_actor", qActor);
        return numbers;
    }

    @Override
    public Map<String, Double> diagnostics() {
        // Of the squashed distribution there is no closed form: the mean over the sample.
        return Map.of("policy/entropy", -Losses.mean(actorDraw.logProbability));
    }
}
