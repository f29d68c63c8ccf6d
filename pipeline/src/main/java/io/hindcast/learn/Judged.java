package io.hindcast.learn;

import io.hindcast.data.Noise;
import io.hindcast.data.ReplayBuffer.Range;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.ActedValue;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Policy;
import io.hindcast.net.States;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A policy whose values are learned. It never moves.
 *
 * @param policy takes observations as the rows that are learned from have them
 * @param actions which of its actions is taken
 * @param epsilon with this probability it is a uniformly random one instead
 * @param noise standard deviation of normal noise on its own vectors, within [-1, 1]
 * @param limit entries of vectors are cut to {@code [-limit, limit]}, as actions within their bounds are by 1; infinity: they are not cut
 * @param starts the observations with which episodes begin, {@code [count * observation size]}, as in rows; at least one
 * @param startsPossible which discrete actions are possible there, {@code [count * actions]}; null: all
 * @param startsNoise begins anew, each time it is asked, the same numbers that actions there are drawn with
 * @param range what a value can be at least and at most, where it is held there; null: it is not
 * @param level what critics say of everything before they learn, beside what chance gives them
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Judged(
        Policy policy,
        Preference actions,
        double epsilon,
        double noise,
        double limit,
        float[] starts,
        boolean @Nullable [] startsPossible,
        Supplier<Noise> startsNoise,
        @Nullable Range range,
        double level) {
    /** Without noise, whose values begin near 0 and go where they will. */
    public Judged(
            Policy policy,
            Preference actions,
            double epsilon,
            double limit,
            float[] starts,
            boolean @Nullable [] startsPossible,
            Supplier<Noise> startsNoise) {
        this(policy, actions, epsilon, 0, limit, starts, startsPossible, startsNoise, null, 0);
    }

    /**
     * Holds values in the range. A critic that says more of what was never logged would learn from itself to say still more.
     *
     * @param values of states after which the task goes on
     */
    void hold(float[] values) {
        if (range != null) {
            for (var i = 0; i < values.length; i++) {
                values[i] = (float) Math.max(range.least(), Math.min(range.greatest(), values[i]));
            }
        }
    }

    /** What {@code critics} think of it in {@code states}. */
    ActedValue value(Kernels kernels, CriticEnsemble critics, States states) {
        return new ActedValue(kernels, policy, actions, epsilon, noise, limit, critics, states);
    }

    /** The states with which episodes begin, where kernels work. */
    States startsIn(Kernels kernels, Spaces spaces) {
        var states = new States(kernels.matrix(spaces.observationSize(), starts.length / spaces.observationSize()));
        states.observations().write(starts, 0);
        states.setPossible(startsPossible);
        return states;
    }
}
