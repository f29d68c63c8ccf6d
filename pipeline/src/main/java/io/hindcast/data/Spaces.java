package io.hindcast.data;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sizes of observations and actions of a problem, for learners.
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

    /** As checkpoints keep it: {@code observation-size}, and {@code action-space} as {@link ActionSpace#toMap}. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("observation-size", observationSize);
        map.put("action-space", actions.toMap());
        return map;
    }

    /**
     * What {@link #toMap} wrote.
     *
     * @throws IllegalArgumentException if something is missing or out of range
     */
    public static Spaces of(Map<?, ?> map) {
        return new Spaces(
                map.get("observation-size") instanceof Number size ? size.intValue() : 0,
                ActionSpace.of(map.get("action-space") instanceof Map<?, ?> actions ? actions : Map.of()));
    }
}
