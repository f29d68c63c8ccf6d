package io.hindcast.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a reader of logs left out, did not know or assumed. A state that merges: counts add up, a note stands once.
 *
 * @param counts how many, by what, in words that follow the number: {@code rows only repeat another, and were dropped}
 * @param notes whole sentences about the input as such
 */
public record Findings(Map<String, Long> counts, List<String> notes) implements Serializable {

    /** Counts the episodes that go on with the logged trajectory of one before. */
    public static final String LATER_PARTS = "episodes are later parts of a logged trajectory";

    /** What rows were left out for stands behind it. */
    public static final String QUARANTINED = "rows were quarantined: ";

    /** Nothing to tell. */
    public static final Findings NONE = new Findings(Map.of(), List.of());

    /** Sorts both, and drops counts of 0. */
    public Findings {
        var sorted = new TreeMap<>(counts);
        sorted.values().removeIf(count -> count == 0);
        counts = Collections.unmodifiableMap(sorted);
        notes = List.copyOf(new TreeSet<>(notes));
    }

    /** What both tell. */
    public Findings plus(Findings other) {
        var sums = new TreeMap<>(counts);
        other.counts.forEach((what, count) -> sums.merge(what, count, Long::sum));
        var all = new ArrayList<>(notes);
        all.addAll(other.notes);
        return new Findings(sums, all);
    }

    /** Whether any row was left out with its episode. */
    public boolean haveQuarantined() {
        return counts.keySet().stream().anyMatch(what -> what.startsWith(QUARANTINED));
    }

    /** A line each. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        counts.forEach((what, count) -> lines.add(count + " " + what));
        lines.addAll(notes);
        return lines;
    }
}
