package io.hindcast.learn;

import io.hindcast.data.Batch;

/** The batches of one update. One handed out may be refilled by the next call. */
public interface Batches {
    /** One of all there is to learn from: another one at each call. */
    Batch replay();

    /** One of the dataset the run began with, without what the agent has done since. */
    Batch demonstrations();

    /** The same batch for both, however often it is asked for. */
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
        };
    }
}
