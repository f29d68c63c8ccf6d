package io.hindcast.data;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a run does to the rows it learns from, with every number it takes: a part of the run's identity, written into each of its
 * checkpoints. The published transitions stay as they are. What it does stands here only: to rows of a dataset, to the steps of a
 * run that acts, and to the returns that subsets are curated by.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
    @JsonSubTypes.Type(value = Transformation.Reward.class, name = "reward"),
    @JsonSubTypes.Type(value = Transformation.Standardise.class, name = "standardise-observations"),
    @JsonSubTypes.Type(value = Transformation.ClipActions.class, name = "clip-actions"),
    @JsonSubTypes.Type(value = Transformation.Bonus.class, name = "behaviour-bonus")
})
public sealed interface Transformation extends Serializable {
    /**
     * Does it to rows.
     *
     * @param bonuses knows the policies that rewards are changed by
     * @throws IllegalArgumentException if it does not fit the rows, or {@code bonuses} does not know its policy
     */
    void apply(Rows rows, Bonuses bonuses);

    /** Does it to rows where it needs to know nothing else. */
    default void apply(Rows rows) {
        apply(rows, Bonuses.NONE);
    }

    /** What becomes of returns, of which {@code before} became already. */
    default ReturnChange after(ReturnChange before) {
        return before;
    }

    /** What it does, for people. */
    String inWords();

    /** Tells what a bonus makes of rewards, which takes the policy that it names. */
    interface Bonuses {
        /** Knows no policy. */
        Bonuses NONE = bonus -> {
            throw new IllegalArgumentException("Cannot apply " + bonus + ": its policy is not at hand");
        };

        /** What the rewards of the rows at hand become. */
        Rows.RewardChange of(Bonus bonus);
    }

    /**
     * What became of returns: a return G of n transitions is {@code scale G + shift n}.
     *
     * @param isKnown whether that is all
     */
    record ReturnChange(double scale, double shift, boolean isKnown) {}

    /** A reward r becomes {@code scale r + shift}. */
    record Reward(double scale, double shift) implements Transformation {
        @Override
        public void apply(Rows rows, Bonuses bonuses) {
            rows.changeRewards((row, reward) -> scale * reward + shift);
        }

        @Override
        public ReturnChange after(ReturnChange before) {
            return new ReturnChange(scale * before.scale, scale * before.shift + shift, before.isKnown);
        }

        @Override
        public String inWords() {
            return String.format(Locale.ROOT, "rewards times %.6g plus %.6g", scale, shift);
        }
    }

    /** Observations are standardised; the policy of the run has to do the same to what it is shown. */
    record Standardise(Scaler scaler) implements Transformation {
        @Override
        public void apply(Rows rows, Bonuses bonuses) {
            var size = rows.spaces().observationSize();
            if (scaler.size() != size) {
                throw new IllegalArgumentException(
                        "Cannot standardise observations of size " + size + " with a scaler of size " + scaler.size());
            }
            rows.changeObservations(scaler::scale);
        }

        @Override
        public String inWords() {
            return String.format(
                    Locale.ROOT,
                    "%d entries, means from %.4g to %.4g, standard deviations from %.4g to %.4g",
                    scaler.size(),
                    Collections.min(scaler.mean()),
                    Collections.max(scaler.mean()),
                    Collections.min(scaler.std()),
                    Collections.max(scaler.std()));
        }
    }

    /** Entries of actions are cut to {@code [-1 + margin, 1 - margin]}, as policies see them. */
    record ClipActions(double margin) implements Transformation {
        @Override
        public void apply(Rows rows, Bonuses bonuses) {
            if (!(rows.spaces().actions() instanceof ActionSpace.Continuous)) {
                throw new IllegalArgumentException("Cannot apply " + this + " to actions that are no vectors");
            }
            var limit = (float) (1 - margin);
            rows.changeActions(entry -> Math.max(-limit, Math.min(limit, entry)));
        }

        @Override
        public String inWords() {
            return "to " + (1 - margin) + " of their bounds";
        }
    }

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
            implements Transformation {
        /** Of a checkpoint. */
        public Bonus(String divergence, CheckpointRef checkpoint, double weight, double limit) {
            this(divergence, checkpoint.run(), checkpoint.step(), checkpoint.state(), weight, limit);
        }

        /** The checkpoint whose policy it is of. */
        public CheckpointRef checkpoint() {
            return new CheckpointRef(run, step, state);
        }

        @Override
        public void apply(Rows rows, Bonuses bonuses) {
            rows.changeRewards(bonuses.of(this));
        }

        /** The bonus is known only when a run loads its rows. */
        @Override
        public ReturnChange after(ReturnChange before) {
            return new ReturnChange(before.scale, before.shift, false);
        }

        @Override
        public String inWords() {
            return "computed when a run loads its rows";
        }
    }

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
