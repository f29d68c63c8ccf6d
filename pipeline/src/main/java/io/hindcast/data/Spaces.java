package io.hindcast.data;

import java.io.Serializable;

/**
 * What a learner has to know of a problem.
 *
 * @param observationSize how many numbers an observation has
 * @param actions the actions there are
 */
public record Spaces(int observationSize, ActionSpace actions) implements Serializable {
    /** @throws IllegalArgumentException if an observation would be empty */
    public Spaces {
        if (observationSize < 1) {
            throw new IllegalArgumentException("Cannot learn from observations of size " + observationSize);
        }
    }
}
