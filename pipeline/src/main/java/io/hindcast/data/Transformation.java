package io.hindcast.data;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run does to the rows it learns from, with every number it takes: a part of the run's identity, written into each of its
 * checkpoints. The published transitions stay as they are.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
    @JsonSubTypes.Type(value = Transformation.Reward.class, name = "reward"),
    @JsonSubTypes.Type(value = Transformation.Standardise.class, name = "standardise-observations"),
    @JsonSubTypes.Type(value = Transformation.ClipActions.class, name = "clip-actions"),
    @JsonSubTypes.Type(value = Transformation.Bonus.class, name = "behaviour-bonus")
})
public sealed interface Transformation extends Serializable {
    /** A reward r becomes {@code scale r + shift}. */
    record Reward(double scale, double shift) implements Transformation {}

    /** Observations are standardised; the policy of the run has to do the same to what it is shown. */
    record Standardise(Scaler scaler) implements Transformation {}

    /** Entries of actions are cut to {@code [-1 + margin, 1 - margin]}, as policies see them. */
    record ClipActions(double margin) implements Transformation {}

    /**
     * A reward r becomes {@code r + weight b}, where b is {@code -f(x) / x} of {@code x = pi(a|s) / pi_b(a|s)} for the f of a
     * divergence, pi the policy of a checkpoint and pi_b the behaviour policy.
     *
     * @param divergence its name
     * @param run the directory of the run's checkpoints
     * @param step the checkpoint's
     * @param state the SHA-256 of what that checkpoint learned
     * @param weight of the bonus
     * @param limit a bonus beyond it, or below its negative, is cut to it
     */
    record Bonus(String divergence, String run, long step, String state, double weight, double limit)
            implements Transformation {}

    /** What the policy of a run has to do to an observation first; empty if nothing. */
    static Optional<Scaler> scaler(List<Transformation> transformations) {
        var scalers = new ArrayList<Scaler>();
        for (var transformation : transformations) {
            if (transformation instanceof Standardise standardise) {
                scalers.add(standardise.scaler());
            }
        }
        if (scalers.size() > 1) {
            throw new IllegalArgumentException("Cannot standardise observations " + scalers.size() + " times");
        }
        return scalers.stream().findFirst();
    }
}
