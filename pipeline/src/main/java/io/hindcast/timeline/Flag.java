package io.hindcast.timeline;

import java.util.Locale;

/** A flag of a row, which may have no value. */
public enum Flag {
    TERMINATED(1, "terminated"),
    TRUNCATED(2, "were truncated"),
    DONE(4, "are done");

    private final int bit;
    private final String predicate;

    Flag(int bit, String predicate) {
        this.bit = bit;
        this.predicate = predicate;
    }

    /** Its place in {@link LoggedRow#unknown}. */
    public int bit() {
        return bit;
    }

    /** The key of its column. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Rows that do not tell, in words that follow their number. */
    String unknown() {
        return "rows do not say whether they " + predicate + " (" + key() + "), which is read as no";
    }
}
