package io.hindcast.config;

import java.util.Collections;
import java.util.List;

/**
 * A bound of the entries of a vector: in a conf file one number for all entries, a list with one each, or the word
 * {@code data}: what the data have.
 *
 * @param values one for all entries, or one each, finite; of {@code DATA} none
 */
public record Bound(Kind kind, List<Double> values) {
    static final String DATA = "data";

    /** Whose bounds the values are. */
    public enum Kind {
        /** One of every entry. */
        ALL,
        /** One of each entry. */
        EACH,
        /** What the data have. */
        DATA
    }

    /** Lists are copied. */
    public Bound {
        values = List.copyOf(values);
    }

    /** The same bound for every entry. */
    public static Bound of(double value) {
        return new Bound(Kind.ALL, List.of(value));
    }

    /** A bound for each entry. */
    public static Bound each(List<Double> values) {
        return new Bound(Kind.EACH, values);
    }

    /** What the data have. */
    public static Bound ofData() {
        return new Bound(Kind.DATA, List.of());
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
        return kind == Kind.DATA;
    }

    /** Whether all entries have one bound. */
    public boolean isOne() {
        return kind == Kind.ALL;
    }

    /** With one number where all entries have one bound. */
    public Bound inBrief() {
        return values.stream().distinct().count() == 1 ? of(values.get(0)) : this;
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
