package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Actor.Preference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What critics think of a policy as it acts, {@code min_i Q_i(s, a)}: of one action a row where these are vectors; exactly expected,
 * {@code sum_a p(a|s) min_i Q_i(s, a)}, where they are indices, p being {@code (1 - epsilon) pi + epsilon uniform} over what is
 * possible, and pi all on the likeliest action where that is taken.
 */
public final class ActedValue {
    private final States states;
    private final @Nullable ScaledPolicy scaled;
    private final States seen;
    private final float[] scaledObservations;
    private final Policy.Pass pass;
    private final Preference preference;
    private final double epsilon;
    private final double noise;
    private final double limit;
    private final CriticEnsemble.Pass critics;
    private final boolean isContinuous;
    private final int rows;
    private final int size;
    private final float[] noises;
    private final float[] disturbances;
    private final float[] logProbability;
    private final float[] actions;
    private final float[] explores;
    private final float[] explored;
    private final float[] value;
    private final float[] least;

    /**
     * A value in {@code states}, of critics that take them as they are.
     *
     * @param policy takes observations as the critics do
     * @param preference which of its actions is taken
     * @param epsilon with this probability it is a uniformly random one instead
     * @param noise standard deviation of normal noise on its own vectors
     * @param limit entries of vectors are cut to {@code [-limit, limit]}; infinity: they are not
     */
    public ActedValue(
            Kernels kernels,
            Policy policy,
            Preference preference,
            double epsilon,
            double noise,
            double limit,
            CriticEnsemble critics,
            States states) {
        this.states = states;
        this.preference = preference;
        this.epsilon = epsilon;
        this.noise = noise;
        this.limit = limit;
        var observations = states.observations();
        rows = observations.columns();
        size = critics.spaces().actions().size();
        // What a scaler does stands before the policy's own pass, so that this can be asked for more than Policy.Pass
        // tells.
        scaled = policy instanceof ScaledPolicy behind ? behind : null;
        seen = scaled == null ? states : new States(kernels.matrix(observations.rows(), rows));
        scaledObservations = new float[scaled == null ? 0 : observations.rows() * rows];
        pass = (scaled == null ? policy : scaled.inner()).pass(seen);
        isContinuous = critics.spaces().actions() instanceof ActionSpace.Continuous;
        this.critics = isContinuous ? critics.forwardOnly(rows) : critics.forwardOnly(observations);
        value = new float[rows];
        least = new float[isContinuous ? 0 : rows * size];
        actions = new float[isContinuous ? rows * size : 0];
        noises = new float[actions.length];
        disturbances = new float[noise > 0 ? actions.length : 0];
        logProbability = new float[rows];
        explores = new float[epsilon > 0 && isContinuous ? rows : 0];
        explored = new float[epsilon > 0 && isContinuous ? rows * size : 0];
    }

    /**
     * The value, {@code [B]}; overwritten by the next call.
     *
     * @param observations those of the states once more, {@code [B * observation size]}
     * @param random what actions are drawn with
     * @param draw the name of the noise that actions are drawn with
     */
    public float[] value(float[] observations, Noise random, String draw) {
        if (scaled != null) {
            System.arraycopy(observations, 0, scaledObservations, 0, scaledObservations.length);
            scaled.scale(scaledObservations, rows);
            seen.observations().write(scaledObservations, 0);
            seen.setPossible(states.possible());
        }
        pass.forward();
        if (!isContinuous) {
            expect(critics.forward());
            return value;
        }
        act(random, draw);
        critics.load(observations, actions);
        Losses.minimum(critics.forward(), value);
        return value;
    }

    /** The actions of the last call, {@code [B * dimension]} within [-1, 1]; empty where actions are discrete. */
    public float[] actions() {
        return actions;
    }

    private void expect(float[][] outputs) {
        Losses.minimum(outputs, least);
        var possible = seen.possible();
        var probabilities = preference == Preference.SAMPLED && pass instanceof CategoricalPolicy.CategoricalPass drawn
                ? drawn.distribution().probabilities()
                : null;
        for (var b = 0; b < rows; b++) {
            var from = b * size;
            var uniform = epsilon == 0 ? 0 : epsilon / count(possible, from);
            var best = probabilities == null ? Categorical.argmax(pass.output(), from, size, possible) : -1;
            var sum = 0.0;
            for (var a = 0; a < size; a++) {
                if (possible == null || possible[from + a]) {
                    var own = probabilities == null ? (a == best ? 1 : 0) : probabilities[from + a];
                    sum += ((1 - epsilon) * own + uniform) * least[from + a];
                }
            }
            value[b] = (float) sum;
        }
    }

    private int count(boolean @Nullable [] possible, int from) {
        var count = 0;
        for (var a = 0; a < size; a++) {
            count += possible == null || possible[from + a] ? 1 : 0;
        }
        return count;
    }

    private void act(Noise random, String draw) {
        prefer(random, draw);
        if (disturbances.length > 0) {
            random.normal(draw + "_noise", disturbances);
            for (var k = 0; k < actions.length; k++) {
                actions[k] += (float) (noise * disturbances[k]);
            }
        }
        if (epsilon > 0) {
            random.uniform(draw + "_explores", explores);
            random.uniform(draw + "_explored", explored);
            for (var k = 0; k < actions.length; k++) {
                actions[k] = (explores[k / size] + 1) / 2 < epsilon ? explored[k] : actions[k];
            }
        }
        for (var k = 0; limit < Double.POSITIVE_INFINITY && k < actions.length; k++) {
            actions[k] = (float) Math.max(-limit, Math.min(limit, actions[k]));
        }
    }

    private void prefer(Noise random, String draw) {
        var isSampled = preference == Preference.SAMPLED;
        if (pass instanceof SquashedGaussianPolicy.SquashedPass squashed) {
            // The likeliest, as it is acted, is that of no noise.
            Arrays.fill(noises, 0);
            if (isSampled) {
                random.normal(draw, noises);
            }
            squashed.sample(1, noises, actions, logProbability);
        } else if (isSampled && pass instanceof GaussianPolicy.GaussianPass gaussian) {
            random.normal(draw, noises);
            gaussian.sample(noises, actions);
        } else {
            System.arraycopy(pass.output(), 0, actions, 0, actions.length);
        }
    }
}
