package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.ReplayBuffer.CutReturn;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.BestDraws;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Scalar;
import io.hindcast.net.SquashedGaussianPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Calibrated conservative Q-learning, Cal-QL (Nakamoto et al. 2023): {@link CqlContinuous} whose values are not held below what the
 * data earned, so that acting can go on from them. All losses are of the networks as they were before the update.
 *
 * <pre>
 * minimise(entropy-coefficient, -mean(log c (log pi(a|s) + target-entropy)))      c = entropy coefficient, a ~ pi(.|s)
 * minimise(actor, mean(c log pi(a|s) - min_i Q_i(s,a)))
 * target       = r + discount (1 - terminated) max over num-actions a' ~ pi(.|s') of min_i Qbar_i(s',a')
 * logsumexp_i  = T log sum exp(x / T), x = Q_i(s,b) - log density(b), b uniform
 *                                     and max(Q_i(s,b), G) - log density(b), b from pi(.|s) and pi(.|s'), G = return to go
 * difference_i = max(logsumexp_i - Q_i(s,a), difference-min)
 * minimise(critic, sum_i mean((Q_i(s,a) - target)²) + alpha m sum_i (mean difference_i - g))  m = 1, g = 0, or if lagrange:
 * minimise(m, -m alpha sum_i (mean difference_i - g) / 2)                                     g = target-action-gap
 * Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i
 * </pre>
 *
 * <p>The first two losses stand in {@link SoftActor}, the critics' in {@link CalibratedTerm}. All b are judged at s and carry no
 * gradient. Where a row's return is not known, as of a run's own steps, nothing is calibrated; nor, as in CORL's code, once a run acts.
 */
public final class CalQl implements CriticLearner {
    /** The settings of calibrated conservative Q-learning. */
    public record Config(
            @Setting(value = "5", range = "[0, inf)", meaning = "weight of the conservative term")
            double alpha,

            @Setting(value = "10", range = "[1, 1000]", meaning = "candidate actions from each of the three sources")
            int numActions,

            @Setting(
                    value = "continued",
                    meaning =
                            "what the return of an episode that was cut is taken for: continued: as if"
                                    + " its last reward were earned for ever; known: the sum of what is there; unknown: it calibrates nothing")
            CutReturn cutReturn,

            @Setting(value = "false", meaning = "whether the weight of the conservative term is learned")
            boolean lagrange,

            @Setting(value = "0.8", range = "(-inf, inf)", meaning = "what a learned weight holds the difference at")
            double targetActionGap,

            @Setting(value = "1", range = "(0, inf)", meaning = "temperature of the log-sum-exp")
            double logsumexpTemperature,

            @Setting(value = "-200", range = "(-inf, inf)", meaning = "least difference of a row that counts")
            double differenceMin,

            @Setting(
                    value = "null",
                    range = "(-inf, inf)",
                    meaning = "entropy of the policy; null: minus the dimension")
            @Nullable Double targetEntropy,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "2", range = "[1, 100]", meaning = "how many critics; the least of their values counts")
            int critics,

            @Setting(value = "0.005", range = "(0, 1]", meaning = "how far targets move towards their critics")
            double targetRate,

            @Setting(value = "{}", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(value = "{}", meaning = "each critic's network")
            NetworkConfig critic,

            @Setting(value = "{}", meaning = "weight of the policy's entropy in its loss")
            Scalar.Config entropyCoefficient,

            @Setting(value = "{}", meaning = "a learned weight's factor to alpha")
            Scalar.Config multiplier,

            @Setting(value = "-20", meaning = "least log standard deviation, before the squashing")
            double logStdMin,

            @Setting(value = "2", meaning = "greatest log standard deviation, before the squashing")
            double logStdMax,

            @Setting(
                    value = "false",
                    later = true,
                    meaning = "whether rows of the dataset go on calibrating once the run acts; its own steps never do")
            boolean calibrateOnline)
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
        public Set<Field> fields() {
            return Set.of(Field.RETURN_TO_GO);
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new CalQl(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            var q = sizes.q();
            return Optional.of(new Measured(
                    "num-actions = 10, actor = " + sizes.actor() + ", critic = " + sizes.critic(),
                    sizes.squashed().trained()
                            + sizes.squashed().forward()
                            + sizes.critics() * (q.through(sizes.actions()) + 10 * q.forward() + 31 * q.trained())));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final Scalar entropyCoefficient;
    private final Scalar multiplier;

    private final SquashedGaussianPolicy.SquashedPass nextActorPass;
    private final SoftActor soft;
    private final BestDraws nextBest;
    private final CalibratedTerm term;
    private final float[] multiplierBefore = new float[1];
    private final Map<String, Double> losses = new LinkedHashMap<>();

    CalQl(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        var actor = setup.squashedGaussianPolicy(config.actor(), config.logStdMin(), config.logStdMax(), config);
        critics = setup.critics(config.critic(), config.critics(), inputs);
        entropyCoefficient = new Scalar(config.entropyCoefficient());
        multiplier = new Scalar(config.multiplier());
        var entropyAdam =
                setup.adam(entropyCoefficient, config.entropyCoefficient().adam());
        parts = new Parts()
                .critics(critics)
                .actor(actor, setup.adam(actor, config.actor()))
                .add("log_entropy_coefficient", entropyCoefficient)
                .trained("entropy_coefficient", entropyAdam);
        if (config.lagrange()) {
            var multiplierAdam = setup.adam(multiplier, config.multiplier().adam());
            parts.add("log_multiplier", multiplier).trained("multiplier", multiplierAdam);
        }

        var rows = setup.batchSize();
        var dimension = setup.spaces().actions().size();
        var actorPass = actor.pass(inputs.observations());
        nextActorPass = actor.pass(inputs.nextObservations());
        var entropy = config.targetEntropy() == null ? -dimension : config.targetEntropy();
        soft = new SoftActor(actorPass, critics.online(), entropyCoefficient, entropy, rows);
        nextBest = new BestDraws(critics.targets(), nextActorPass, rows, config.numActions());
        term = new CalibratedTerm(critics, actorPass, nextActorPass, config, rows);
    }

    @Override
    public double update(Batch batch, Noise noise) {
        return update(Batches.of(batch), noise);
    }

    @Override
    public double update(Batches batches, Noise noise) {
        var batch = batches.replay();
        inputs.load(batch);
        nextActorPass.forward();
        var calibrates = config.calibrateOnline() || !batches.hasActed();
        var loss = soft.backward(batch, noise, losses) + backward(batch, noise, calibrates);
        parts.step();
        critics.follow(config.targetRate(), 1);
        return loss;
    }

    private double backward(Batch batch, Noise noise, boolean calibrates) {
        var valueNext = nextBest.from(batch.nextObservations(), noise, "target_actions");
        critics.bootstrap(batch, valueNext, config.discount());
        multiplierBefore[0] = (float) multiplier.value();
        var weight = config.alpha() * (config.lagrange() ? multiplier.value() : 1);
        var errors = term.backward(batch, noise, calibrates, weight);
        var conservative = term.conservative();
        var excess = conservative - (config.lagrange() ? critics.size() * config.targetActionGap() : 0);
        losses.putAll(Map.of(
                "temporal_difference", errors, "conservative", conservative, "critic", errors + weight * excess));
        if (!config.lagrange()) {
            return errors + weight * excess;
        }
        multiplier.backwardOfValue(-config.alpha() * excess / 2);
        losses.put("multiplier", -weight * excess / 2);
        return errors + weight * excess / 2;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(losses);
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        soft.addTo(numbers);
        numbers.put("target_actions", nextBest.actions());
        numbers.put("value_next", nextBest.values());
        numbers.put("target", critics.target());
        term.addTo(numbers);
        numbers.put("multiplier", multiplierBefore);
        return numbers;
    }

    @Override
    public Map<String, Double> diagnostics() {
        return Map.of(
                "policy/entropy", soft.entropy(),
                "entropy-coefficient/value", entropyCoefficient.value(),
                "multiplier/value", multiplier.value());
    }
}
