package io.hindcast.net;

import io.hindcast.kernel.Categorical;
import org.jspecify.annotations.Nullable;

/** The value of the greedy action by a discrete critic's target, {@code Qbar(s', argmax_a ...)}, a possible. */
public final class ActionValues {
    private final States states;
    private final CriticEnsemble.Pass online;
    private final CriticEnsemble.Pass target;
    private final int[] choice;
    private final float[] values;

    /**
     * Values in {@code states}, of what is possible there.
     *
     * @param online an ensemble of one critic
     * @param target its target
     */
    public ActionValues(CriticEnsemble online, CriticEnsemble target, States states) {
        this.states = states;
        this.online = online.forwardOnly(states.observations());
        this.target = target.forwardOnly(states.observations());
        choice = new int[states.observations().columns()];
        values = new float[states.observations().columns()];
    }

    /** Where the online critic chooses the action (double Q-learning), {@code [B]}; overwritten by the next call. */
    public float[] ofOnlineChoice() {
        return ofChoice(online.forward(0), states.possible());
    }

    /**
     * Where the online critic chooses it among fewer actions; overwritten by the next call.
     *
     * @param among {@code [B * count]}, possible ones, at least one in each row
     */
    public float[] ofOnlineChoiceAmong(boolean[] among) {
        return ofChoice(online.forward(0), among);
    }

    /** Where the target chooses it itself, {@code [B]}; overwritten by the next call. */
    public float[] ofTargetChoice() {
        return ofChoice(null, states.possible());
    }

    /** The actions chosen by the last call, {@code [B]}, as floats. */
    public float[] actions() {
        var actions = new float[choice.length];
        for (var b = 0; b < actions.length; b++) {
            actions[b] = choice[b];
        }
        return actions;
    }

    /** What the last call returned. */
    public float[] values() {
        return values;
    }

    private float[] ofChoice(float @Nullable [] chooser, boolean @Nullable [] among) {
        var judged = target.forward(0);
        var count = judged.length / values.length;
        var by = chooser == null ? judged : chooser;
        for (var b = 0; b < choice.length; b++) {
            choice[b] = Categorical.argmax(by, b * count, count, among);
        }
        CriticEnsemble.pick(judged, count, choice, values);
        return values;
    }
}
