package io.hindcast.timeline;

import io.hindcast.data.Findings;
import io.hindcast.data.Transition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts of what happened to the rows of a log: a state that merges. Not for several threads. */
public final class IngestTally implements Serializable {
    private static final long serialVersionUID = 1L;

    private long rows;
    private long transitions;
    private long duplicates;
    private long cuts;
    private long quarantinedRows;
    private long quarantinedEpisodes;
    private final TreeMap<String, Faults> faults = new TreeMap<>();
    private final TreeMap<Reason, Long> reasons = new TreeMap<>();
    private final TreeMap<String, Long> endings = new TreeMap<>();
    private final TreeMap<String, Long> counts = new TreeMap<>();
    private final TreeSet<String> notes = new TreeSet<>();

    /** The rows and episodes of one fault, and the first place it was met at. */
    private record Faults(long rows, long episodes, String file, long row) implements Serializable {
        Faults merge(Faults other) {
            var first = Comparator.comparing(Faults::file)
                                    .thenComparing(Faults::row)
                                    .compare(this, other)
                            <= 0
                    ? this
                    : other;
            return new Faults(rows + other.rows, episodes + other.episodes, first.file, first.row);
        }
    }

    /** Adds one episode. */
    public IngestTally add(Assembled episode) {
        rows += episode.rows();
        transitions += episode.transitions().size();
        duplicates += episode.duplicates();
        cuts += episode.broken() ? 1 : 0;
        episode.counts().forEach(this::count);
        if (!episode.quarantined().isEmpty()) {
            var first = episode.quarantined().get(0);
            var count = episode.quarantined().size();
            quarantinedRows += count;
            quarantinedEpisodes++;
            faults.merge(
                    first.detail(),
                    new Faults(count, 1, first.row().file(), first.row().row()),
                    Faults::merge);
            episode.quarantined().forEach(row -> reasons.merge(row.reason(), 1L, Long::sum));
        }
        if (!episode.transitions().isEmpty()) {
            endings.merge(Transition.ending(episode.transitions()), 1L, Long::sum);
            if (episode.trajectory() != null) {
                count(Findings.LATER_PARTS, 1);
            }
        }
        return this;
    }

    /** Adds what another state counted. */
    public IngestTally merge(IngestTally other) {
        rows += other.rows;
        transitions += other.transitions;
        duplicates += other.duplicates;
        cuts += other.cuts;
        quarantinedRows += other.quarantinedRows;
        quarantinedEpisodes += other.quarantinedEpisodes;
        for (Map.Entry<String, Faults> fault : other.faults.entrySet()) {
            faults.merge(fault.getKey(), fault.getValue(), Faults::merge);
        }
        other.reasons.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
        other.endings.forEach((ending, count) -> endings.merge(ending, count, Long::sum));
        other.counts.forEach(this::count);
        notes.addAll(other.notes);
        return this;
    }

    /**
     * Counts something else that was left out, unknown or guessed.
     *
     * @param what in words that follow the number, see {@link Findings#counts}
     */
    public void count(String what, long more) {
        counts.merge(what, more, Long::sum);
    }

    /** Keeps a sentence about the input that the scorecard is to tell; who knows it says it by himself. */
    public void note(String line) {
        notes.add(line);
    }

    /** What was counted by {@link #count}, a line each. */
    public List<String> remarks() {
        return new Findings(counts, List.of()).lines();
    }

    /** All that was left out, unknown or guessed: what the scorecard tells. */
    public Findings findings() {
        var all = new TreeMap<>(counts);
        reasons.forEach((reason, count) -> all.put(Findings.QUARANTINED + reason, count));
        all.put("rows only repeat another, and were dropped", duplicates);
        all.put("times an episode had a hole, a jump or an end within, and was split there", cuts);
        return new Findings(all, List.copyOf(notes));
    }

    /** All rows that were read. */
    public long rows() {
        return rows;
    }

    /** The transitions made of them. */
    public long transitions() {
        return transitions;
    }

    /** The rows of episodes that were left out because a row of theirs breaks the contract. */
    public long quarantinedRows() {
        return quarantinedRows;
    }

    /** Those episodes. */
    public long quarantinedEpisodes() {
        return quarantinedEpisodes;
    }

    /** Rows that only tell what followed another, or that nothing follows. */
    public long unpairedRows() {
        return rows - quarantinedRows - duplicates - transitions;
    }

    /** Rows that only repeat another. */
    public long duplicates() {
        return duplicates;
    }

    /** Places where a logged episode had a hole, a jump or an end within, and was cut in two. */
    public long cuts() {
        return cuts;
    }

    /** How many rows were quarantined, by reason. */
    public Map<Reason, Long> reasons() {
        return Collections.unmodifiableMap(reasons);
    }

    /** How many episodes end terminated, truncated or open. */
    public Map<String, Long> endings() {
        return Collections.unmodifiableMap(endings);
    }

    /** How many episodes there are transitions of. */
    public long episodes() {
        return endings.values().stream().mapToLong(Long::longValue).sum();
    }

    /** A line a fault, the most frequent first: what, how often, and where it was met first. */
    public List<String> problems() {
        var lines = new ArrayList<String>();
        faults.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Faults> fault) ->
                                -fault.getValue().rows())
                        .thenComparing(Map.Entry::getKey))
                .forEach(fault ->
                        lines.add(fault.getKey() + ": " + fault.getValue().rows() + " rows of "
                                + fault.getValue().episodes() + " episodes left out, first "
                                + fault.getValue().file()
                                + " row " + fault.getValue().row()));
        return lines;
    }
}
