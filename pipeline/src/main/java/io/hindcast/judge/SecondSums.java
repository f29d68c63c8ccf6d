package io.hindcast.judge;

import java.io.Serializable;

/** The sums of an estimator over all episodes once its value is known, for its error. */
interface SecondSums extends Serializable {
    /**
     * Adds an episode.
     *
     * @param counts how often each replicate of the bootstrap draws it
     * @return its {@link #influence}; NaN where that is known only once all episodes are added
     */
    double add(Episode episode, long[] counts);

    /** @param other of the same estimator */
    void merge(SecondSums other);

    /**
     * How much the estimate moves with an episode: its influence, which sums to 0 over all episodes. The difference of two
     * estimators (or of two policies) has the difference of their influences.
     */
    double influence(Episode episode);

    Estimate estimate(double confidence);
}
