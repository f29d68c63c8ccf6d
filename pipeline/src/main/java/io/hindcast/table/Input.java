package io.hindcast.table;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A foreign file that a table was made from, or the rows of a source that has no files.
 *
 * @param name its name without the directory, so that moving it changes nothing
 * @param bytes its length
 * @param sha256 its SHA-256 in hex
 * @param place what tells where it lay, null if nobody noted it; it is no part of what was asked for
 * @param watermark up to where a source without files was read; null if that was not asked for; it is no part of what was asked for
 * @param pinned which version of a table that keeps its versions was read; null of all else; it is no part of what was asked for
 */
public record Input(
        String name,
        long bytes,
        String sha256,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String place,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Watermark watermark,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Pinned pinned)
        implements Serializable {
    /**
     * Up to where a source was read.
     *
     * @param column of which it is the greatest value
     * @param type of that column, as Spark writes it
     * @param value the greatest value of the column; a point in time as ISO-8601 in UTC
     * @param rows how many rows of the source were taken so far
     */
    public record Watermark(String column, String type, String value, long rows) implements Serializable {}

    /**
     * Which version of a table was read.
     *
     * @param format of the table: delta or iceberg
     * @param table what tells a table of Delta from another one at its place; null of Iceberg, whose snapshots do by themselves
     * @param after the version whose rows had been taken before, so that only what came since was read; null: all rows were read
     * @param version Delta's number, or the id of Iceberg's snapshot
     * @param commit of Delta the SHA-256 of what its log said of the version; null if that could not be read, and of Iceberg
     */
    public record Pinned(
            String format,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String table,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String after,

            String version,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String commit)
            implements Serializable {
        /** One of which nobody noted the commit. */
        public Pinned(String format, @Nullable String table, @Nullable String after, String version) {
            this(format, table, after, version, null);
        }
    }

    /** A file of which nobody noted where it lay. */
    public Input(String name, long bytes, String sha256) {
        this(name, bytes, sha256, null);
    }

    /** A file. */
    public Input(String name, long bytes, String sha256, @Nullable String place) {
        this(name, bytes, sha256, place, null, null);
    }
}
