package io.hindcast.net;

import io.hindcast.data.Noise;

/** Actions drawn from a squashed Gaussian policy, each with the noise it came from, so that a loss finds its way back through them. */
public final class SquashedDraw {
    private final SquashedGaussianPolicy.SquashedPass pass;
    private final int candidates;
    private final float[] noise;
    private final float[] actions;
    private final float[] logProbability;

    SquashedDraw(SquashedGaussianPolicy.SquashedPass pass, int rows, int candidates, int dimension) {
        this.pass = pass;
        this.candidates = candidates;
        noise = new float[rows * candidates * dimension];
        actions = new float[noise.length];
        logProbability = new float[rows * candidates];
    }

    /** Draws all anew, after the pass's {@link Policy.Pass#forward}; {@code name} is that of the noise. */
    public void from(Noise random, String name) {
        random.normal(name, noise);
        pass.sample(candidates, noise, actions, logProbability);
    }

    /** The actions, {@code [B * candidates * dimension]} within [-1, 1]. */
    public float[] actions() {
        return actions;
    }

    /** log pi(a|s) of each, {@code [B * candidates]}. */
    public float[] logProbability() {
        return logProbability;
    }

    /**
     * Writes the policy's gradients, of a loss through one action a row.
     *
     * @param actionGradient the loss's gradient in the actions, {@code [B * dimension]}
     * @param logProbabilityGradient the loss's gradient in the log-probabilities, {@code [B]}
     */
    public void backward(float[] actionGradient, float[] logProbabilityGradient) {
        pass.backward(noise, actionGradient, logProbabilityGradient);
    }
}
