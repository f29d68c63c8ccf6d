package io.hindcast.timeline;

import io.hindcast.data.Transition;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcome for the rows of one episode: transitions, or quarantined rows.
 *
 * @param trajectory the id of the logged trajectory that it is a later part of; null where it is whole, or the first part
 * @param transitions in order; empty if it is quarantined or had no row with a successor
 * @param quarantined all of its rows, or none; the first is the one to name
 * @param rows how many rows it had
 * @param duplicates how many of them only repeat another
 * @param broken it begins where the logged episode had a hole, a jump or an end, and was cut
 * @param counts what was unknown or guessed, see {@link IngestTally#count}
 */
public record Assembled(
        @Nullable String trajectory,
        List<Transition> transitions,
        List<Quarantined> quarantined,
        int rows,
        int duplicates,
        boolean broken,
        Map<String, Long> counts)
        implements Serializable {

    /** An episode as it is, none of its rows left out. */
    public static Assembled of(List<Transition> transitions) {
        return new Assembled(null, transitions, List.of(), transitions.size(), 0, false, Map.of());
    }
}
