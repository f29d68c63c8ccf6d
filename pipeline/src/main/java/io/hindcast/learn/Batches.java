package io.hindcast.learn;

import io.hindcast.data.Batch;

/** The batches of one update. One handed out may be refilled by the next call. */
public interface Batches {
    /** One of all there is to learn from: another one at each call. */
    Batch replay();

    /** One of the dataset the run began with, without what the agent has done since. */
    Batch demonstrations();

    /** Whether the agent has acted: a replay may have rows that are not of the dataset. */
    boolean hasActed();

    /** The same batch for both, however often it is asked for, of an agent that has not acted. */
    static Batches of(Batch batch) {
        return new Batches() {
            @Override
            public Batch replay() {
                return batch;
            }

            @Override
            public Batch demonstrations() {
                return batch;
            }

            @Override
            public boolean hasActed() {
                return false;
            }
        };
    }
}
