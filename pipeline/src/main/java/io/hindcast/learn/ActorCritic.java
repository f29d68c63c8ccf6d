package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Gaussian;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.DeterministicPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.NetworkConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An off-policy actor-critic on an ensemble of critics (randomised ensembled double Q-learning, Chen et al. 2021, without its
 * entropy term), with steps of behaviour cloning in between.
 *
 * <pre>
 * cloning:  minimise(actor, -mean sum_j log N(a_j; mu_j(s), std))
 * critics:  next_action = bounded(mu(s'), noise)
 *           value_next  = min of two random Qbar_i(s', next_action)
 *           minimise(critic, sum over all i of mean((Q_i(s,a) - (r + discount (1 - terminated) value_next))²))
 *           Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i
 * actor:    minimise(actor, -mean over rows and all critics of Q_i(s, bounded(mu(s), noise)))
 * </pre>
 *
 * <p>{@code bounded(mu, e) = clamp(mu + clip(std e, noise-clip), ±(1 - 1e-6))}, with the gradient of the identity in mu. The
 * first {@code cloning-updates} updates are cloning steps; every later one is a step of the critics, followed by one of the
 * actor in every {@code update-to-data}-th after {@code actor-delay}, on a batch of its own, and by one of cloning in every
 * {@code cloning-period}-th. Cloning learns from the dataset alone, the rest from all there is.
 */
public final class ActorCritic implements CriticLearner {
    private static final double INSIDE = 1 - 1e-6;

    /** The settings of the ensemble actor-critic. */
    public record Config(
            @Setting(value = "10", range = "[1, 100]", meaning = "how many critics")
            int critics,

            @Setting(
                    value = "2",
                    range = "[1, 100]",
                    meaning = "how many critics, redrawn every update, the target takes the minimum of")
            int targetCritics,

            @Setting(value = "0.1", range = "(0, inf)", meaning = "standard deviation of the policy's actions")
            double std,

            @Setting(
                    value = "0.3",
                    range = "[0, inf)",
                    meaning = "the noise on actions is clipped to [-noise-clip, noise-clip]")
            double noiseClip,

            @Setting(value = "1", range = "[1, inf)", meaning = "critic steps for each step of the actor")
            long updateToData,

            @Setting(value = "0", range = "[0, inf)", meaning = "critic steps before the first step of the actor")
            long actorDelay,

            @Setting(value = "0", range = "[0, inf)", meaning = "cloning steps before all other steps")
            long cloningUpdates,

            @Setting(value = "2", range = "[0, inf)", meaning = "critic steps for each cloning step; 0: no cloning")
            long cloningPeriod,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "0.005", range = "(0, 1]", meaning = "how far targets move towards their critics")
            double targetRate,

            @Setting(value = "{}", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(value = "{ layer-norm = true }", meaning = "each critic's network")
            NetworkConfig critic)
            implements LearnerConfig {

        /** @throws UserException if a value is out of its range */
        public Config {
            if (targetCritics > critics) {
                throw new UserException("Cannot draw target-critics = " + targetCritics + " of critics = " + critics
                        + ": there are not so many; lower it");
            }
            actor.withoutDropout("actor");
            critic.withoutDropout("critic");
        }

        /** How many steps the actor takes, cloning included, in so many steps of the critics. */
        private long actorSteps(long criticSteps) {
            var improving = criticSteps / updateToData - Math.min(criticSteps, actorDelay) / updateToData;
            return improving + (cloningPeriod > 0 ? criticSteps / cloningPeriod : 0);
        }

        @Override
        public boolean isFor(ActionSpace actions) {
            return actions instanceof ActionSpace.Continuous;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new ActorCritic(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "cloning-period = 0, update-to-data = 1, critics = 10, actor = " + sizes.actor()
                            + ", critic = { hidden-layers = " + sizes.hidden() + ", layer-norm = true }",
                    sizes.pi().forward()
                            + sizes.pi().trained()
                            + 2 * sizes.q().forward()
                            + 10 * (sizes.q().trained() + sizes.q().through(sizes.actions()))));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final Adam actorOptimiser;

    private final DeterministicPolicy.DeterministicPass actorPass;
    private final DeterministicPolicy.DeterministicPass nextActorPass;
    private final CriticEnsemble.Pass actorCriticPass;
    private final CriticEnsemble.Pass targetPass;

    private final int[] judges;
    private final float[] actionGradient;
    private final float[] valueNext;
    private final float[] qData;
    private final float[] value;
    private final float[] slope;
    private final float[] logProbability;
    private double actorLoss;
    private double cloningLoss;
    private boolean cloned;
    private boolean criticsStepped;
    private boolean actorStepped;

    ActorCritic(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        var actor = setup.deterministicPolicy(config.actor(), config);
        var first = Math.min(config.cloningUpdates(), setup.updates());
        var rest = setup.updates() - first;
        critics = setup.critics(config.critic(), config.critics(), inputs, rest);
        actorOptimiser = setup.adam(actor, config.actor(), first + config.actorSteps(rest));
        parts = new Parts().critics(critics).actor(actor, actorOptimiser);

        var rows = setup.batchSize();
        actorPass = actor.pass(inputs.observations());
        nextActorPass = actor.pass(inputs.nextObservations());
        actorCriticPass = critics.online().pass(rows);
        targetPass = critics.targets().forwardOnly(rows);

        judges = new int[config.targetCritics()];
        actionGradient = new float[rows * setup.spaces().actions().size()];
        valueNext = new float[rows];
        qData = new float[rows];
        value = new float[rows];
        slope = new float[rows];
        Arrays.fill(slope, -1f / (rows * critics.size()));
        logProbability = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        return update(Batches.of(batch), noise);
    }

    @Override
    public double update(Batches batches, Noise noise) {
        cloned = false;
        criticsStepped = false;
        actorStepped = false;
        if (critics.steps() == 0 && actorOptimiser.steps() < config.cloningUpdates()) {
            return cloningStep(batches.demonstrations());
        }
        var loss = criticStep(batches.replay(), noise);
        var done = critics.steps();
        if (done > config.actorDelay() && done % config.updateToData() == 0) {
            loss += actorStep(batches.replay(), noise);
        }
        if (config.cloningPeriod() > 0 && done % config.cloningPeriod() == 0) {
            loss += cloningStep(batches.demonstrations());
        }
        return loss;
    }

    /** One step of the actor towards the data's actions; returns its loss. */
    public double cloningStep(Batch batch) {
        inputs.load(batch);
        actorPass.forward();
        cloningLoss = Gaussian.negativeLogLikelihood(
                actorPass.output(), config.std(), batch.actions(), logProbability, actionGradient);
        actorPass.backward(actionGradient);
        actorOptimiser.step();
        cloned = true;
        return cloningLoss;
    }

    /** One step of all critics and their targets; returns their loss. */
    public double criticStep(Batch batch, Noise noise) {
        inputs.load(batch);
        nextActorPass.forward();
        var nextAction = nextActorPass.disturb(noise, "next_action", config.std(), config.noiseClip(), INSIDE);
        targetPass.load(batch.nextObservations(), nextAction);
        noise.indices("critic_indices", critics.size(), judges);
        Losses.minimum(targetPass.forward(judges), valueNext);
        critics.bootstrap(batch, valueNext, config.discount());
        var criticLoss = critics.regress(batch);
        Losses.minimum(critics.ofData(batch), qData);
        criticsStepped = true;
        critics.follow(config.targetRate(), 1);
        return criticLoss;
    }

    /** One step of the actor towards what all critics value; returns its loss. */
    public double actorStep(Batch batch, Noise noise) {
        inputs.load(batch);
        actorPass.forward();
        var action = actorPass.disturb(noise, "action", config.std(), config.noiseClip(), INSIDE);
        actorCriticPass.load(batch.observations(), action);
        Losses.average(actorCriticPass.forward(slope, actionGradient), value);
        actorLoss = -Losses.mean(value);
        actorPass.backward(actionGradient);
        actorOptimiser.step();
        actorStepped = true;
        return actorLoss;
    }

    @Override
    public Set<String> stepped() {
        var names = new TreeSet<String>();
        if (cloned || actorStepped) {
            names.add("actor");
        }
        if (criticsStepped) {
            names.add("critic");
        }
        return names;
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        var losses = new LinkedHashMap<String, Double>();
        if (cloned) {
            losses.put("behavior_cloning", cloningLoss);
        }
        if (actorStepped) {
            losses.put("actor", actorLoss);
        }
        return criticsStepped ? critics.losses(losses) : losses;
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        if (cloned) {
            numbers.put("log_probability", logProbability);
        }
        if (cloned || actorStepped) {
            numbers.put("mean", actorPass.output());
        }
        if (criticsStepped) {
            numbers.put("next_action", nextActorPass.disturbed());
            numbers.put("value_next", valueNext);
            numbers.put("target", critics.target());
            numbers.put("q_data", qData);
        }
        if (actorStepped) {
            numbers.put("action", actorPass.disturbed());
            numbers.put("value", value);
        }
        return numbers;
    }
}
