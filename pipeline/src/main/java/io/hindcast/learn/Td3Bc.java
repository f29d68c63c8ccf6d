package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.DeterministicPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Policy;
import java.util.Arrays;
import java.util.LinkedHashMap;
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

            @Setting(
                    value = "2",
                    range = "[1, 100]",
                    meaning = "how many critics; the target is the least of their values")
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
    private final Inputs inputs;
    private final DeterministicPolicy actor;
    private final DeterministicPolicy targetActor;
    private final Critics critics;
    private final Adam actorOptimiser;

    private final DeterministicPolicy.DeterministicPass actorPass;
    private final DeterministicPolicy.DeterministicPass targetActorPass;
    private final CriticEnsemble.Pass actorCriticPass;
    private final CriticEnsemble.Pass targetPass;

    private final float[] valueNext;
    private final float[] qData;
    private final float[] slope;
    private final float[] actionGradient;
    private float[] action = new float[0];
    private float[] qActor = new float[0];
    private double actorLoss;
    private double imitation;
    private double lambda;
    private boolean actorStepped;

    Td3Bc(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        actor = setup.deterministicPolicy(config.actor(), config);
        targetActor = actor.copy();
        critics = setup.critics(config.critic(), config.critics(), inputs);
        actorOptimiser = setup.adam(actor, config.actor());

        var rows = setup.batchSize();
        actorPass = actor.pass(inputs.observations());
        targetActorPass = targetActor.pass(inputs.nextObservations());
        actorCriticPass = critics.online().pass(rows);
        targetPass = critics.targets().forwardOnly(rows);

        actionGradient = new float[rows * setup.spaces().actions().size()];
        valueNext = new float[rows];
        qData = new float[rows];
        slope = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        targetActorPass.forward();
        var nextAction = targetActorPass.disturb(noise, "target_policy", config.policyNoise(), config.noiseClip(), 1);
        targetPass.load(batch.nextObservations(), nextAction);
        Losses.minimum(targetPass.forward(), valueNext);
        critics.bootstrap(batch, valueNext, config.discount());
        var criticLoss = critics.regress(batch);
        Losses.minimum(critics.ofData(batch), qData);

        actorStepped = critics.steps() % config.policyDelay() == 0;
        if (actorStepped) {
            improveActor(batch);
            critics.follow(config.targetRate(), 1);
            targetActor.follow(actor, config.targetRate());
        }
        return actorStepped ? criticLoss + actorLoss : criticLoss;
    }

    private void improveActor(Batch batch) {
        actorPass.forward();
        action = actorPass.output();
        actorCriticPass.load(batch.observations(), action);
        qActor = actorCriticPass.forward(0);
        lambda = config.alpha() * qActor.length / Losses.absoluteSum(qActor);
        Arrays.fill(slope, (float) (-lambda / qActor.length));
        actorCriticPass.actionGradient(0, slope, actionGradient);
        imitation = Losses.addSquaredError(action, batch.actions(), actionGradient);
        actorLoss = imitation - lambda * Losses.mean(qActor);
        actorPass.backward(actionGradient);
        actorOptimiser.step();
    }

    @Override
    public CriticEnsemble critics() {
        return critics.online();
    }

    @Override
    public Policy policy() {
        return actor;
    }

    @Override
    public Map<String, Network> networks() {
        return critics.networks(Map.of("actor", actor, "target_actor", targetActor));
    }

    @Override
    public Map<String, Adam> optimisers() {
        return critics.optimisers(Map.of("actor", actorOptimiser));
    }

    @Override
    public Set<String> stepped() {
        return actorStepped ? Set.of("actor", "critic") : Set.of("critic");
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(actorStepped ? Map.of("actor", actorLoss, "imitation", imitation) : Map.of());
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        numbers.put("next_action", targetActorPass.disturbed());
        numbers.put("value_next", valueNext);
        numbers.put("target", critics.target());
        numbers.put("q_data", qData);
        if (actorStepped) {
            numbers.put("action", action);
            numbers.put("q_actor", qActor);
            numbers.put("lambda", new float[] {(float) lambda});
        }
        return numbers;
    }
}
