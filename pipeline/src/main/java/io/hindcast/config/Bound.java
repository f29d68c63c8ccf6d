package io.hindcast.config;

import java.util.Collections;
import java.util.List;

/**
 * A bound of the entries of a vector: in a conf file one number for all entries, a list with one each, or the word
 * {@code data}: what the data have.
 *
 * @param values one for all entries, or one each, finite; none: what the data have
 */
public record Bound(List<Double> values) {
    static final String DATA = "data";

    /** Lists are copied. */
    public Bound {
        values = List.copyOf(values);
    }

    /** The same bound for every entry. */
    public static Bound of(double value) {
        return new Bound(List.of(value));
    }

    /** The bound of entry {@code i}. */
    public double at(int i) {
        return values.get(isOne() ? 0 : i);
    }

    /** The bounds of {@code size} entries. */
    public List<Double> each(int size) {
        return isOne() ? Collections.nCopies(size, values.get(0)) : values;
    }

    /** Whether it is what the data have. */
    public boolean isOfData() {
        return values.isEmpty();
    }

    /** Whether all entries have one bound. */
    public boolean isOne() {
        return values.size() == 1;
    }

    /** With one number where all entries have one bound. */
    public Bound inBrief() {
        return new Bound(values.stream().distinct().count() == 1 ? values.subList(0, 1) : values);
    }

    /** As conf files have it. */
    Object json() {
        return isOfData() ? DATA : isOne() ? values.get(0) : values;
    }

    @Override
    public String toString() {
        return json().toString();
    }
}
