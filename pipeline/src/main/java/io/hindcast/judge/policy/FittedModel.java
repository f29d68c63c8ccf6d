package io.hindcast.judge.policy;

import io.hindcast.data.CheckpointRef;
import java.io.Serializable;

/**
 * What a run learned that estimates lean on: values of a policy, or a clone of what logged.
 *
 * @param checkpoint of that run
 * @param fittedOn which of the subsets that the reader of the log tells of it learned from: it is not asked there
 */
public record FittedModel(CheckpointRef checkpoint, int fittedOn) implements Serializable {
    /** Whether it may be asked of a step of an episode that is in these subsets, a bit each. */
    boolean mayTellOf(long within) {
        return (within >> fittedOn & 1) == 0;
    }
}
