package io.hindcast.promote;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What becomes of a policy that asks to act, and of all of them together. */
public enum Verdict {
    /** It is better, and acts from now on. */
    PROMOTED,
    /** The champion stays: nothing is sure to be better. */
    KEPT,
    /** What is known of it cannot be relied upon. */
    REFUSED;

    /** As tables and pages have it. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
