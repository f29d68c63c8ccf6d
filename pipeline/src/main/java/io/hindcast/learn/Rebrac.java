package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.NetworkConfig;
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
    private final Parts parts;
    private final Inputs inputs;
    private final DelayedActor actor;
    private final Critics critics;
    private final LeastValue actorValue;

    private final float[] penalty;
    private final float[] penalised;
    private final float[] qData;
    private float[] qActor = new float[0];

    Rebrac(Config config, LearnerSetup setup) {
        this.config = config;
        inputs = setup.inputs();
        var policy = setup.deterministicPolicy(config.actor(), config);
        critics = setup.critics(config.critic(), config.critics(), inputs);
        // It steps in update 1, 1 + policy-delay, and so on.
        var steps = (setup.updates() - 1) / config.policyDelay() + 1;
        actor = new DelayedActor(policy, setup.adam(policy, config.actor(), steps), critics, inputs);
        parts = actor.addTo(new Parts().critics(critics));

        var rows = setup.batchSize();
        actorValue = new LeastValue(critics.online(), rows);
        penalty = new float[rows];
        penalised = new float[rows];
        qData = new float[rows];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        var valueNext = actor.valueNext(batch, noise, config.policyNoise(), config.noiseClip());
        Losses.squaredDistances(
                actor.nextAction(), batch.values(Field.NEXT_ACTION), batch.values(Field.NEXT_ACTION_KNOWN), penalty);
        for (var b = 0; b < penalty.length; b++) {
            penalised[b] = (float) (valueNext[b] - config.criticBcCoefficient() * penalty[b]);
        }
        critics.bootstrap(batch, penalised, config.discount());
        var criticLoss = critics.regress(batch);
        Losses.minimum(critics.ofData(batch), qData);
        if ((critics.steps() - 1) % config.policyDelay() == 0) {
            improveActor(batch);
            critics.follow(config.targetRate(), 1);
        }
        return actor.loss(criticLoss);
    }

    private void improveActor(Batch batch) {
        var action = actor.forward();
        qActor = actorValue.of(batch.observations(), action);
        var lambda = actorValue.lambda();
        var gradient = actorValue.descent(lambda);
        var imitation = Losses.addSquaredDistance(
                action, batch.actions(), qActor.length, config.actorBcCoefficient(), gradient);
        var loss = config.actorBcCoefficient() * imitation - lambda * Losses.mean(qActor);
        if (config.actorTarget() == ActorTarget.BEFORE) {
            actor.follow(config.targetRate());
        }
        actor.step(gradient, loss, imitation, lambda);
        if (config.actorTarget() == ActorTarget.AFTER) {
            actor.follow(config.targetRate());
        }
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
        numbers.put("penalty", penalty);
        numbers.put("target", critics.target());
        numbers.put("q_data", qData);
        return numbers;
    }
}
