package io.hindcast.data;

import java.util.random.RandomGenerator;

/** Transitions from which batches are drawn. */
public interface Replay {
    /** Which numbers a transition has. */
    RowLayout layout();

    /** The problem the transitions come from. */
    default Spaces spaces() {
        return layout().spaces();
    }

    /** Fills {@code batch} with rows drawn with replacement. */
    void sample(RandomGenerator random, Batch batch);
}
