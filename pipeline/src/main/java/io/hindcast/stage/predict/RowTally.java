package io.hindcast.stage.predict;

import io.hindcast.stage.predict.StateReader.Fault;
import io.hindcast.timeline.Reason;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How many rows there are, and what is wrong with how many of them. A state that merges. */
final class RowTally implements Serializable {
    private static final long serialVersionUID = 1;

    private long rows;
    private final TreeMap<Reason, Long> faults = new TreeMap<>();
    /** The first in the order of letters: no other would be the same however rows are cut. */
    private final TreeMap<Reason, String> details = new TreeMap<>();

    /** Counts a row; null: nothing is wrong with it. */
    void add(@Nullable Fault fault) {
        rows++;
        if (fault != null) {
            add(fault.reason(), 1, fault.detail());
        }
    }

    private void add(Reason reason, long count, String detail) {
        faults.merge(reason, count, Long::sum);
        details.merge(reason, detail, (one, other) -> one.compareTo(other) <= 0 ? one : other);
    }

    /** Adds what another one counted. */
    RowTally merge(RowTally other) {
        rows += other.rows;
        other.faults.forEach((reason, count) -> add(reason, count, other.details.getOrDefault(reason, "")));
        return this;
    }

    long rows() {
        return rows;
    }

    long quarantined() {
        return faults.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many have a fault of this kind. */
    long of(Reason reason) {
        return faults.getOrDefault(reason, 0L);
    }

    /** The most frequent fault with an example, in words; there is one. */
    String worst() {
        var worst = faults.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        return worst + ": " + details.get(worst);
    }

    /** The faults by reason, in words. */
    String inWords() {
        return faults.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }
}
