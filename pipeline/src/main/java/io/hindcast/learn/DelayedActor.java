package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.DeterministicPolicy;
import io.hindcast.net.Inputs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The policy half of twin delayed deep deterministic policy gradients (Fujimoto, van Hoof and Meger 2018): a policy that steps now and
 * then, held to the data, and its target.
 *
 * <pre>
 * next_action = clamp(pi_bar(s') + clip(policy-noise * noise, noise-clip), -1, 1)
 * value_next  = min_i Qbar_i(s', next_action)
 * </pre>
 */
final class DelayedActor {
    private final DeterministicPolicy policy;
    private final DeterministicPolicy target;
    private final Adam optimiser;
    private final DeterministicPolicy.DeterministicPass pass;
    private final DeterministicPolicy.DeterministicPass targetPass;
    private final CriticEnsemble.Pass judges;
    private final float[] valueNext;
    private boolean hasStepped;
    private double loss;
    private double imitation;
    private double lambda;

    /** Of a policy, trained by {@code optimiser}, of the same learner as {@code critics} and {@code inputs}. */
    DelayedActor(DeterministicPolicy policy, Adam optimiser, Critics critics, Inputs inputs) {
        this.policy = policy;
        this.optimiser = optimiser;
        target = policy.copy();
        pass = policy.pass(inputs.observations());
        targetPass = target.pass(inputs.nextObservations());
        var rows = inputs.observations().columns();
        judges = critics.targets().forwardOnly(rows);
        valueNext = new float[rows];
    }

    /** value_next, {@code [B]}, with which an update begins; overwritten by the next call. */
    float[] valueNext(Batch batch, Noise noise, double std, double clip) {
        hasStepped = false;
        targetPass.forward();
        targetPass.disturb(noise, "target_policy", std, clip, 1);
        judges.load(batch.nextObservations(), nextAction());
        Losses.minimum(judges.forward(), valueNext);
        return valueNext;
    }

    /** next_action, {@code [B * dimension]}. */
    float[] nextAction() {
        return targetPass.disturbed();
    }

    /** pi(s), {@code [B * dimension]}. */
    float[] forward() {
        pass.forward();
        return pass.output();
    }

    /**
     * One step of the policy, after its forward.
     *
     * @param actionGradient its loss's gradient in its actions, {@code [B * dimension]}
     * @param itsLoss what that is the gradient of
     * @param distance from the data, without a weight
     * @param weight of what critics say in the loss
     */
    void step(float[] actionGradient, double itsLoss, double distance, double weight) {
        pass.backward(actionGradient);
        optimiser.step();
        loss = itsLoss;
        imitation = distance;
        lambda = weight;
        hasStepped = true;
    }

    /** The target goes towards the policy as it is now. */
    void follow(double rate) {
        target.follow(policy, rate);
    }

    /** The update's loss: that of the critics and, if it stepped, its own. */
    double loss(double ofCritics) {
        return hasStepped ? ofCritics + loss : ofCritics;
    }

    Parts addTo(Parts parts) {
        return parts.actor(policy, optimiser).add("target_actor", target);
    }

    Set<String> stepped() {
        return hasStepped ? Set.of("actor", "critic") : Set.of("critic");
    }

    Map<String, Double> losses() {
        return hasStepped ? Map.of("actor", loss, "imitation", imitation) : Map.of();
    }

    /** What it computed last, and {@code qActor}, which critics said of its actions if it stepped. */
    Map<String, float[]> intermediates(float[] qActor) {
        var numbers = new LinkedHashMap<String, float[]>();
        numbers.put("next_action", nextAction());
        numbers.put("value_next", valueNext);
        if (hasStepped) {
            numbers.putAll(Map.of("action", pass.output(), "q_actor", qActor, "lambda", new float[] {(float) lambda}));
        }
        return numbers;
    }
}
