package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Noise;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Losses;
import io.hindcast.kernel.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * What critics think of a policy, {@code min_i Q_i(s, pi(s))}: of one sampled action where actions are continuous, exactly
 * expected, {@code sum_a pi(a|s) min_i Q_i(s, a)}, where they are discrete.
 */
public final class PolicyValue {
    private final StochasticPolicy.Pass policy;
    private final CriticEnsemble.Pass critics;
    private final @Nullable StateActions stateActions;
    private final float[] noise;
    private final float[] actions;
    private final float[] value;
    private final float[] least;

    /**
     * A value of {@code policy}'s run by {@code critics}.
     *
     * @param observations where the policy's observations stand, {@code [observation size, B]}
     */
    public PolicyValue(
            Kernels kernels, Spaces spaces, StochasticPolicy.Pass policy, CriticEnsemble critics, Matrix observations) {
        this.policy = policy;
        var rows = observations.columns();
        var n = spaces.actions().size();
        if (spaces.actions() instanceof ActionSpace.Continuous) {
            stateActions = new StateActions(kernels, spaces, rows);
            this.critics = critics.forwardOnly(stateActions.matrix());
            least = new float[0];
        } else {
            stateActions = null;
            this.critics = critics.forwardOnly(observations);
            least = new float[rows * n];
        }
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
        if (policy instanceof GaussianPolicy.GaussianPass gaussian && stateActions != null) {
            random.normal(draw, noise);
            gaussian.sample(noise, actions);
            stateActions.load(observations, actions);
            Losses.minimum(critics.forward(), value);
            return value;
        }
        return expected(critics.forward());
    }

    /** As {@link #value}; where actions are discrete what the critics said is taken from {@code outputs}. */
    public float[] value(float[] observations, Noise random, String draw, float[][] outputs) {
        return stateActions == null ? expected(outputs) : value(observations, random, draw);
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
