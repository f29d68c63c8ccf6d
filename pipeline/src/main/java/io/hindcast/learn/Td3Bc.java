package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.DeterministicPolicy;
import io.hindcast.net.Inputs;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Policy;
import io.hindcast.net.StateActions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
public final class Td3Bc implements PolicyLearner {
    /** The settings of TD3+BC. */
    public record Config(
            @Setting(
                    value = "2.5",
                    range = "[0, inf)",
                    meaning = "weight of the critic against imitation in the policy's loss")
            double alpha,

            @Setting(value = "0.2", range = "[0, inf)", meaning = "standard deviation of the noise on next actions")
            double policyNoise,

            @Setting(value = "0.5", range = "[0, inf)", meaning = "the noise on next actions is clipped to this size")
            double noiseClip,

            @Setting(value = "2", range = "[1, inf)", meaning = "critic updates for one of the policy and the targets")
            long policyDelay,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount of a step")
            double discount,

            @Setting(value = "2", range = "[1, 100]", meaning = "how many critics; the least of them counts")
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
        public void checkActions(ActionSpace actions) {
            LearnerSetup.continuous("td3-bc", actions);
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Td3Bc(this, setup);
        }
    }

    private final Config config;
    private final DeterministicPolicy actor;
    private final DeterministicPolicy targetActor;
    private final CriticEnsemble critics;
    private final CriticEnsemble targetCritics;
    private final Adam actorOptimizer;
    private final Adam criticOptimizer;

    private final Inputs inputs;
    private final StateActions nextSample;
    private final StateActions actorSample;
    private final DeterministicPolicy.DeterministicPass targetActorPass;
    private final DeterministicPolicy.DeterministicPass actorPass;
    private final CriticEnsemble.Pass targetPass;
    private final CriticEnsemble.Pass criticPass;
    private final CriticEnsemble.Pass actorCriticPass;

    private final float[] noises;
    private final float[] nextAction;
    private final float[] valueNext;
    private final float[] qData;
    private final float[] target;
    private final float[] slope;
    private final float[] actionGradient;
    private final double[] criticLosses;
    private float[] action = new float[0];
    private float[] qActor = new float[0];
    private double criticLoss;
    private double actorLoss;
    private double imitation;
    private double lambda;
    private boolean actorStepped;

    Td3Bc(Config config, LearnerSetup setup) {
        this.config = config;
        var kernels = setup.kernels();
        var spaces = setup.spaces();
        var rows = setup.batchSize();
        var space = setup.continuous("td3-bc");

        actor = new DeterministicPolicy(kernels, spaces.observationSize(), space, config.actor());
        targetActor = new DeterministicPolicy(kernels, spaces.observationSize(), space, config.actor());
        critics = new CriticEnsemble(kernels, spaces, config.critic(), config.critics());
        targetCritics = new CriticEnsemble(kernels, spaces, config.critic(), config.critics());
        actor.initialise(setup.initialisation());
        targetActor.copyFrom(actor);
        critics.initialise(setup.initialisation());
        targetCritics.copyFrom(critics);
        actorOptimizer = new Adam(List.of(actor), config.actor(), setup.updates());
        criticOptimizer = new Adam(critics.members(), config.critic(), setup.updates());

        inputs = new Inputs(kernels, spaces, rows);
        nextSample = new StateActions(kernels, spaces, rows);
        actorSample = new StateActions(kernels, spaces, rows);
        targetActorPass = targetActor.pass(inputs.nextObservations());
        actorPass = actor.pass(inputs.observations());
        targetPass = targetCritics.forwardOnly(nextSample.matrix());
        criticPass = critics.pass(inputs.stateActions());
        actorCriticPass = critics.pass(actorSample.matrix());

        noises = new float[rows * space.dimension()];
        nextAction = new float[noises.length];
        actionGradient = new float[noises.length];
        valueNext = new float[rows];
        qData = new float[rows];
        target = new float[rows];
        slope = new float[rows];
        criticLosses = new double[config.critics()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        targetActorPass.forward();
        noise.normal("target_policy", noises);
        disturb(targetActorPass.output());
        nextSample.load(batch.nextObservations(), nextAction);
        Losses.minimum(targetPass.forward(), valueNext);
        Losses.bootstrap(batch.rewards(), batch.stopsBootstrap(), batch.steps(), valueNext, config.discount(), target);
        var q = criticPass.forward();
        Losses.minimum(q, qData);
        criticLoss = 0;
        for (var i = 0; i < criticLosses.length; i++) {
            criticLosses[i] = Losses.squaredError(q[i], target, slope);
            criticLoss += criticLosses[i];
            criticPass.backward(i, slope);
        }
        criticOptimizer.step();

        actorStepped = criticOptimizer.steps() % config.policyDelay() == 0;
        if (actorStepped) {
            improveActor(batch);
            targetCritics.follow(critics, config.targetRate());
            targetActor.follow(actor, config.targetRate());
        }
        return actorStepped ? criticLoss + actorLoss : criticLoss;
    }

    private void disturb(float[] means) {
        var clip = config.noiseClip();
        for (var k = 0; k < nextAction.length; k++) {
            var disturbance = Math.max(-clip, Math.min(clip, config.policyNoise() * noises[k]));
            nextAction[k] = (float) Math.max(-1, Math.min(1, means[k] + disturbance));
        }
    }

    private void improveActor(Batch batch) {
        actorPass.forward();
        action = actorPass.output();
        actorSample.load(batch.observations(), action);
        qActor = actorCriticPass.forward(0);
        var size = 0.0;
        for (var value : qActor) {
            size += Math.abs(value);
        }
        lambda = config.alpha() * qActor.length / size;
        Arrays.fill(slope, (float) (-lambda / qActor.length));
        actorCriticPass.actionGradient(0, slope, actionGradient);
        imitation = 0;
        var n = action.length;
        for (var k = 0; k < n; k++) {
            var error = (double) action[k] - batch.actions()[k];
            imitation += error * error / n;
            actionGradient[k] += (float) (2 * error / n);
        }
        actorLoss = imitation - lambda * Losses.mean(qActor);
        actorPass.backward(actionGradient);
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
        networks.put("target_actor", targetActor);
        critics.nameIn(networks, "critic");
        targetCritics.nameIn(networks, "target_critic");
        return networks;
    }

    @Override
    public Map<String, Adam> optimizers() {
        return Map.of("actor", actorOptimizer, "critic", criticOptimizer);
    }

    @Override
    public Set<String> stepped() {
        return actorStepped ? Set.of("actor", "critic") : Set.of("critic");
    }

    @Override
    public Map<String, Double> losses() {
        var losses = new LinkedHashMap<String, Double>();
        if (actorStepped) {
            losses.put("actor", actorLoss);
            losses.put("imitation", imitation);
        }
        losses.put("critic", criticLoss);
        for (var i = 0; i < criticLosses.length; i++) {
            losses.put("critic_" + i, criticLosses[i]);
        }
        return losses;
    }

    @Override
    public Map<String, float[]> intermediates() {
        var numbers = new LinkedHashMap<String, float[]>();
        numbers.put("next_action", nextAction);
        numbers.put("value_next", valueNext);
        numbers.put("target", target);
        numbers.put("q_data", qData);
        if (actorStepped) {
            numbers.put("action", action);
            numbers.put("q_actor", qActor);
            numbers.put("lambda", new float[] {(float) lambda});
        }
        return numbers;
    }
}
