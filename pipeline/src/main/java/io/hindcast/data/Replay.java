package io.hindcast.data;

import java.util.random.RandomGenerator;

/** Transitions from which batches are drawn. */
public interface Replay {
    /** The problem the transitions come from. */
    Spaces spaces();

    /** Fills {@code batch} with rows drawn with replacement. */
    void sample(RandomGenerator random, Batch batch);
}
