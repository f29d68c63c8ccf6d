package io.hindcast.judge;

import java.io.Serializable;

/** What a policy's value does not lie below, from episodes with weights and rewards. A state that merges. */
public interface LowerBound extends Serializable {
    /**
     * Adds an episode.
     *
     * @throws IllegalArgumentException if it earned what was said to be impossible
     */
    LowerBound add(Episode episode);

    /** Adds what another state of the same bound has seen. */
    LowerBound merge(LowerBound other);

    /** What the value lies below with chance {@code alpha} at most, alpha below a half. */
    double lower(double alpha);
}
