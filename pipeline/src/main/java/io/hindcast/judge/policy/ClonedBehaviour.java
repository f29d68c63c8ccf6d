package io.hindcast.judge.policy;

import java.io.Serializable;
import java.util.List;

/**
 * Clones of what logged, that stand for its probabilities.
 *
 * @param models the first that learned from other episodes tells of a step; none: there are no clones
 * @param of which probabilities they stand for
 */
public record ClonedBehaviour(List<FittedModel> models, CloneOf of) implements Serializable {
    /** No clones. */
    public static final ClonedBehaviour NONE = new ClonedBehaviour(List.of(), CloneOf.MISSING);

    /** Which probabilities clones stand for. */
    public enum CloneOf {
        /** Those that were not logged. */
        MISSING,
        /** All, as if none had been logged. */
        ALL
    }
}
