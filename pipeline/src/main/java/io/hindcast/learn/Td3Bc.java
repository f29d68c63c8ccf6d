package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.NetworkConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * TD3+BC (Fujimoto and Gu 2021): twin delayed deep deterministic policy gradients (Fujimoto, van Hoof and Meger 2018) whose
 * policy also imitates the data.
 *
 * <pre>
 * next_action = clamp(pi_bar(s') + clip(policy-noise * noise, noise-clip), -1, 1)
 * minimise(critic, sum_i mean((Q_i(s,a) - (r + discount (1 - terminated) min_i Qbar_i(s', next_action)))²))
 * every policy-delay updates:
 *     lambda = alpha / mean |Q_0(s, pi(s))|           Q after its step; no gradient through lambda
 *     minimise(actor, -lambda mean Q_0(s, pi(s)) + mean((pi(s) - a)²))                          equation 3
 *     Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i, and pi_bar likewise
 * </pre>
 *
 * <p>The imitation term is a mean over rows and action dimensions. Observations are used as they come; the paper standardises
 * them first, which here is the business of the data.
 */
public final class Td3Bc implements CriticLearner {
    /** The settings of TD3+BC. */
    public record Config(
            @Setting(
                    value = "2.5",
                    range = "[0, inf)",
                    meaning = "weight of the critic against imitation in the policy's loss")
            double alpha,

            @Setting(value = "0.2", range = "[0, inf)", meaning = "standard deviation of the noise on next actions")
            double policyNoise,

            @Setting(
                    value = "0.5",
                    range = "[0, inf)",
                    meaning = "the noise on next actions is clipped to [-noise-clip, noise-clip]")
            double noiseClip,

            @Setting(
                    value = "2",
                    range = "[1, inf)",
                    meaning = "critic updates for each update of the policy and the targets")
            long policyDelay,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "2", range = "[1, 100]", meaning = "how many critics; the least of their values counts")
            int critics,

            @Setting(value = "0.005", range = "(0, 1]", meaning = "how far targets move towards what they follow")
            double targetRate,

            @Setting(value = "{}", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(value = "{}", meaning = "each critic's network")
            NetworkConfig critic)
            implements LearnerConfig {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            actor.withoutDropout("actor");
            critic.withoutDropout("critic");
        }

        @Override
        public boolean isFor(ActionSpace actions) {
            return actions instanceof ActionSpace.Continuous;
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Td3Bc(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "policy-delay = 2, actor = " + sizes.actor() + ", critic = " + sizes.critic(),
                    sizes.pi().forward()
                            + sizes.critics() * (sizes.q().forward() + sizes.q().trained())
                            + (sizes.pi().trained() + sizes.q().through(sizes.actions())) / 2));
        }
    }

    private final Config config;
    private final Parts parts;
    private final Inputs inputs;
    private final DelayedActor actor;
    private final Critics critics;
    private final CriticEnsemble.Pass actorCriticPass;

    private final float[] qData;
    private final float[] slope;
    private final float[] actionGradient;
    private float[] qActor = new float[0];

    Td3Bc(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        var policy = setup.deterministicPolicy(config.actor(), config);
        critics = setup.critics(config.critic(), config.critics(), inputs);
        var steps = setup.updates() / config.policyDelay();
        actor = new DelayedActor(policy, setup.adam(policy, config.actor(), steps), critics, inputs);
        parts = actor.addTo(new Parts().critics(critics));

        var rows = setup.batchSize();
        actorCriticPass = critics.online().pass(rows);
        actionGradient = new float[rows * setup.spaces().actions().size()];
        qData = new float[rows];
        slope = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = actor.valueNext(batch, noise, config.policyNoise(), config.noiseClip());
        critics.bootstrap(batch, valueNext, config.discount());
        var criticLoss = critics.regress(batch);
        Losses.minimum(critics.ofData(batch), qData);

        if (critics.steps() % config.policyDelay() == 0) {
            improveActor(batch);
            critics.follow(config.targetRate(), 1);
            actor.follow(config.targetRate());
        }
        return actor.loss(criticLoss);
    }

    private void improveActor(Batch batch) {
        var action = actor.forward();
        actorCriticPass.load(batch.observations(), action);
        qActor = actorCriticPass.forward(0);
        var lambda = config.alpha() * qActor.length / Losses.absoluteSum(qActor);
        Arrays.fill(slope, (float) (-lambda / qActor.length));
        actorCriticPass.actionGradient(0, slope, actionGradient);
        var imitation = Losses.addSquaredError(action, batch.actions(), actionGradient);
        actor.step(actionGradient, imitation - lambda * Losses.mean(qActor), imitation, lambda);
    }

    @Override
    public Set<String> stepped() {
        return actor.stepped();
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(actor.losses());
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = actor.intermediates(qActor);
        numbers.put("target", critics.target());
        numbers.put("q_data", qData);
        return numbers;
    }
}
