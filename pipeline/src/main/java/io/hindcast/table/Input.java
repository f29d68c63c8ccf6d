package io.hindcast.table;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A foreign file that a table was made from.
 *
 * @param name its name without the directory, so that moving it changes nothing
 * @param bytes its length
 * @param sha256 its SHA-256 in hex
 * @param place what tells where it lay, null if nobody noted it; it is no part of what was asked for
 */
public record Input(
        String name,
        long bytes,
        String sha256,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String place) implements Serializable {
    /** A file of which nobody noted where it lay. */
    public Input(String name, long bytes, String sha256) {
        this(name, bytes, sha256, null);
    }
}
