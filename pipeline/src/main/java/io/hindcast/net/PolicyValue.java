package io.hindcast.net;

import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.kernel.Matrix;

/**
 * What critics think of a policy, {@code min_i Q_i(s, pi(s))}: of one sampled action where actions are continuous, exactly
 * expected, {@code sum_a pi(a|s) min_i Q_i(s, a)}, where they are discrete.
 */
public final class PolicyValue {
    private final StochasticPolicy.Pass policy;
    private final CriticEnsemble.Pass critics;
    private final float[] noise;
    private final float[] actions;
    private final float[] value;
    private final float[] least;

    /**
     * A value of {@code policy}'s run by {@code critics}.
     *
     * @param observations where the policy's observations stand, {@code [observation size, B]}
     */
    public PolicyValue(StochasticPolicy.Pass policy, CriticEnsemble critics, Matrix observations) {
        this.policy = policy;
        var rows = observations.columns();
        var n = critics.spaces().actions().size();
        var continuous = policy instanceof GaussianPolicy.GaussianPass;
        this.critics = continuous ? critics.forwardOnly(rows) : critics.forwardOnly(observations);
        least = new float[continuous ? 0 : rows * n];
        noise = new float[rows * n];
        actions = new float[rows * n];
        value = new float[rows];
    }

    /**
     * The value, {@code [B]}, after the policy's {@link Policy.Pass#forward}; overwritten by the next call.
     *
     * @param observations the observations once more, {@code [B * observation size]}
     * @param draw the name of the noise
     */
    public float[] value(float[] observations, Noise random, String draw) {
        if (policy instanceof GaussianPolicy.GaussianPass gaussian) {
            random.normal(draw, noise);
            gaussian.sample(noise, actions);
            critics.load(observations, actions);
            Losses.minimum(critics.forward(), value);
            return value;
        }
        return expected(critics.forward());
    }

    /** As {@link #value}; where actions are discrete what the critics said is taken from {@code outputs}. */
    public float[] value(float[] observations, Noise random, String draw, float[][] outputs) {
        return policy instanceof GaussianPolicy.GaussianPass ? value(observations, random, draw) : expected(outputs);
    }

    /** The sampled actions of the last call, {@code [B * dimension]}; of no meaning where actions are discrete. */
    public float[] actions() {
        return actions;
    }

    private float[] expected(float[][] outputs) {
        Losses.minimum(outputs, least);
        ((CategoricalPolicy.CategoricalPass) policy).distribution().expectation(least, value);
        return value;
    }
}
