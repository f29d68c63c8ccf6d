package io.hindcast.learn;

import io.hindcast.kernel.Losses;
import io.hindcast.net.CriticEnsemble;
import java.util.Map;

/** {@code q = min_i Q_i(s, a)} of what a policy does, and the way back into these actions. */
final class LeastValue {
    private final CriticEnsemble.Pass critics;
    private final float[] least;
    private final float[][] slopes;
    private final float[] actionGradient;
    private float[][] outputs = new float[0][];

    /** Of {@code rows} actions. */
    LeastValue(CriticEnsemble critics, int rows) {
        this.critics = critics.pass(rows);
        least = new float[rows];
        slopes = new float[critics.size()][rows];
        actionGradient = new float[rows * critics.spaces().actions().size()];
    }

    /** q, {@code [B]}; overwritten by the next call. */
    float[] of(float[] observations, float[] actions) {
        critics.load(observations, actions);
        outputs = critics.forward();
        Losses.minimum(outputs, least);
        return least;
    }

    /** {@code 1 / mean |q|}, which makes q as large as what stands beside it in a loss. */
    double lambda() {
        return least.length / Losses.absoluteSum(least);
    }

    /** The same with a number added to the mean, for values that are all 0. */
    double lambda(double guard) {
        return 1 / (Losses.absoluteSum(least) / least.length + guard);
    }

    /** The gradient of {@code -weight mean q} in the actions, {@code [B * dimension]}; overwritten by the next call. */
    float[] descent(double weight) {
        Losses.minimumGradients(outputs, least, (float) (-weight / least.length), slopes);
        critics.actionGradient(slopes, actionGradient);
        return actionGradient;
    }

    /** Adds what it computed last to {@code numbers}. */
    void addTo(Map<String, float[]> numbers) {
        numbers.put("q_actor", least);
    }
}
