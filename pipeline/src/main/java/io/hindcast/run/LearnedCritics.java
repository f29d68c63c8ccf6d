package io.hindcast.run;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Losses;
import io.hindcast.kernel.Matrix;
import io.hindcast.learn.CriticLearner;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Mlp;
import java.util.Optional;

/**
 * What a run's critics think of actions, the least of them each time; they are shown states as they were logged. Values are in the units
 * that the run learned in: its own discount, and rewards as it made them ready. For one thread.
 */
public final class LearnedCritics {
    private final Optional<Scaler> scaler;
    private final float limit;
    private final Matrix states;
    private final float[] seen;
    private final CriticEnsemble.Pass critics;
    private final Optional<Mlp.Pass> stateValues;
    private final float[] cut;
    private final float[] least;

    LearnedCritics(CriticLearner learner, RunSpec spec, Spaces spaces, Kernels kernels, int rows) {
        scaler = Transformation.scaler(spec.transformations());
        limit = (float) Judging.limit(spec);
        states = kernels.matrix(spaces.observationSize(), rows);
        seen = new float[spaces.observationSize() * rows];
        var isDiscrete = spaces.actions() instanceof ActionSpace.Discrete;
        critics = isDiscrete
                ? learner.critics().forwardOnly(states)
                : learner.critics().forwardOnly(rows);
        stateValues = learner.stateValues().map(values -> values.forwardOnly(states));
        cut = new float[isDiscrete ? 0 : rows * spaces.actions().size()];
        least = new float[isDiscrete ? rows * spaces.actions().size() : rows];
    }

    /** Shows them states, {@code [rows * observation size]}, copied; all that they tell is about the ones shown last. */
    public void show(float[] observations) {
        System.arraycopy(observations, 0, seen, 0, seen.length);
        scaler.ifPresent(scale -> scale.scale(seen, 0, scale.size(), states.columns()));
        states.write(seen, 0);
    }

    /** {@code min_i Q_i(s, a)} of every discrete action, {@code [rows * count]}; overwritten by the next call. */
    public float[] ofAll() {
        Losses.minimum(critics.forward(), least);
        return least;
    }

    /**
     * The same of one vector a state, {@code [rows]}; overwritten by the next call.
     *
     * @param actions {@code [rows * dimension]} within [-1, 1]; they are cut as those were that the run learned from
     */
    public float[] of(float[] actions) {
        for (var k = 0; k < cut.length; k++) {
            cut[k] = Math.max(-limit, Math.min(limit, actions[k]));
        }
        critics.load(seen, cut);
        Losses.minimum(critics.forward(), least);
        return least;
    }

    /** V(s) of a network of its own, {@code [rows]}; empty if the run learned none. */
    public Optional<float[]> ofStates() {
        return stateValues.map(Mlp.Pass::forward);
    }
}
