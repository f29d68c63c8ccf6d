package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.RowLayout.Field;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * ReBRAC (Tarasov, Kurenkov, Nikulin and Kolesnikov 2023): TD3+BC with a penalty for leaving the data in the critics' target, too.
 *
 * <pre>
 * next_action = clamp(pi_bar(s') + clip(policy-noise * noise, noise-clip), -1, 1)
 * penalty     = ‖next_action - a'‖²                   a' = what the data does next; 0 where that is not known
 * target      = r + discount (1 - terminated) (min_i Qbar_i(s', next_action) - critic-bc-coefficient penalty)
 * minimise(critic, sum_i mean((Q_i(s,a) - target)²))
 * in the first of every policy-delay updates:
 *     q      = min_i Q_i(s, pi(s))                    Q after its step
 *     lambda = 1 / mean |q|                           no gradient through lambda
 *     minimise(actor, actor-bc-coefficient mean ‖pi(s) - a‖² - lambda mean q)
 *     Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i
 *     pi_bar likewise, towards pi as it was before or after its step
 * </pre>
 *
 * <p>What was done next is known within an episode; behind its last row, terminated, truncated or open, it is not. With n-step
 * returns it is what was done where the bootstrap is. Of the steps that a run takes itself it is not known.
 */
public final class Rebrac implements CriticLearner {
    /** Which policy the target policy follows: as it was before its step, as in the published code, or as it is after it. */
    public enum ActorTarget {
        BEFORE,
        AFTER
    }

    /** The settings of ReBRAC. */
    public record Config(
            @Setting(value = "0.01", range = "[0, inf)", meaning = "weight of imitation in the policy's loss")
            double actorBcCoefficient,

            @Setting(value = "0.01", range = "[0, inf)", meaning = "weight of the penalty in the critics' target")
            double criticBcCoefficient,

            @Setting(value = "0.2", range = "[0, inf)", meaning = "standard deviation of the noise on next actions")
            double policyNoise,

            @Setting(value = "0.5", range = "[0, inf)", meaning = "that noise is clipped to [-noise-clip, noise-clip]")
            double noiseClip,

            @Setting(value = "2", range = "[1, inf)", meaning = "critic updates for one of the policy and the targets")
            long policyDelay,

            @Setting(
                    value = "before",
                    meaning = "whether the target policy follows the policy before or after its step")
            ActorTarget actorTarget,

            @Setting(value = "0.99", range = "[0, 1)", meaning = "discount for each step")
            double discount,

            @Setting(value = "2", range = "[1, 100]", meaning = "how many critics; the least of their values counts")
            int critics,

            @Setting(value = "0.005", range = "(0, 1]", meaning = "how far targets move towards what they follow")
            double targetRate,

            @Setting(value = "{ hidden-bias = 0.1, last-layer-bound = 1e-3 }", meaning = "the policy's network")
            NetworkConfig actor,

            @Setting(
                    value =
                            "{ layer-norm = true, layer-norm-place = after, hidden-bias = 0.1, last-layer-bound = 3e-3 }",
                    meaning = "each critic's network")
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
        public Set<Field> fields() {
            return Set.of(Field.NEXT_ACTION, Field.NEXT_ACTION_KNOWN);
        }

        @Override
        public PolicyLearner learner(LearnerSetup setup) {
            return new Rebrac(this, setup);
        }

        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "policy-delay = 2, actor = " + sizes.actor() + ", critic = { hidden-layers = " + sizes.hidden()
                            + ", layer-norm = true, layer-norm-place = after }",
                    sizes.pi().forward()
                            + sizes.critics() * (sizes.q().forward() + sizes.q().trained())
                            + (sizes.pi().trained()
                                            + sizes.critics() * sizes.q().through(sizes.actions()))
                                    / 2));
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
    private final float[] penalty;
    private final float[] penalised;
    private final float[] qData;
    private final float[] qActor;
    private final float[][] actorSlopes;
    private final float[] actionGradient;
    private float[] action = new float[0];
    private double actorLoss;
    private double imitation;
    private double lambda;
    private boolean actorStepped;

    Rebrac(Config config, LearnerSetup setup) {
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
        valueNext = new float[rows];
        penalty = new float[rows];
        penalised = new float[rows];
        qData = new float[rows];
        qActor = new float[rows];
        actorSlopes = new float[critics.size()][rows];
        actionGradient = new float[rows * setup.spaces().actions().size()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        targetActorPass.forward();
        var nextAction = targetActorPass.disturb(noise, "target_policy", config.policyNoise(), config.noiseClip(), 1);
        targetPass.load(batch.nextObservations(), nextAction);
        Losses.minimum(targetPass.forward(), valueNext);
        Losses.squaredDistances(
                nextAction, batch.values(Field.NEXT_ACTION), batch.values(Field.NEXT_ACTION_KNOWN), penalty);
        for (var b = 0; b < penalty.length; b++) {
            penalised[b] = (float) (valueNext[b] - config.criticBcCoefficient() * penalty[b]);
        }
        critics.bootstrap(batch, penalised, config.discount());
        var criticLoss = critics.regress(batch);
        Losses.minimum(critics.ofData(batch), qData);
        actorStepped = (critics.steps() - 1) % config.policyDelay() == 0;
        if (actorStepped) {
            improveActor(batch);
            critics.follow(config.targetRate(), 1);
        }
        return actorStepped ? criticLoss + actorLoss : criticLoss;
    }

    private void improveActor(Batch batch) {
        actorPass.forward();
        action = actorPass.output();
        actorCriticPass.load(batch.observations(), action);
        var q = actorCriticPass.forward();
        Losses.minimum(q, qActor);
        lambda = qActor.length / Losses.absoluteSum(qActor);
        Losses.minimumGradients(q, qActor, (float) (-lambda / qActor.length), actorSlopes);
        actorCriticPass.actionGradient(actorSlopes, actionGradient);
        imitation = Losses.addSquaredDistance(
                action, batch.actions(), qActor.length, config.actorBcCoefficient(), actionGradient);
        actorLoss = config.actorBcCoefficient() * imitation - lambda * Losses.mean(qActor);
        actorPass.backward(actionGradient);
        if (config.actorTarget() == ActorTarget.BEFORE) {
            targetActor.follow(actor, config.targetRate());
        }
        actorOptimiser.step();
        if (config.actorTarget() == ActorTarget.AFTER) {
            targetActor.follow(actor, config.targetRate());
        }
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
        numbers.put("penalty", penalty);
        numbers.put("target", critics.target());
        numbers.put("q_data", qData);
        if (actorStepped) {
            numbers.putAll(Map.of("action", action, "q_actor", qActor, "lambda", new float[] {(float) lambda}));
        }
        return numbers;
    }
}
