package io.hindcast.judge;

import java.io.Serializable;

/** The sums of an estimator over all episodes: its value. The same for any order of episodes and any merging of parts. */
interface FirstSums extends Serializable {
    void add(Episode episode);

    /** @param other of the same estimator */
    void merge(FirstSums other);

    /** What the second pass adds up, given these sums. */
    SecondSums second(Bootstrap bootstrap);
}
