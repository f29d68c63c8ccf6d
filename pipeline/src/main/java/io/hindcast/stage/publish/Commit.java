package io.hindcast.stage.publish;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Whose rows a table holds: those of a commit, in the table's own words.
 *
 * @param name for people
 * @param note what was noted with it, if anything
 * @param kind what is known of it
 */
record Commit(String name, @Nullable String note, Kind kind) {
    /** What the commit's note begins with, in Delta's user metadata; in Iceberg the property's name. */
    static final String NOTE = "hindcast";

    /** What is known of a commit. */
    enum Kind {
        /** The last of ours, and nobody's came after it. */
        OURS,
        /** Ours, and not the last of ours: somebody went back to it. */
        OURS_AGAIN,
        FOREIGN,
        /** The table's history has it no more. */
        FORGOTTEN
    }

    /**
     * The newest that wrote rows or took some away; empty if there is none.
     *
     * @param history of a table of Delta, the newest first
     * @param changesRows whether a version of a number and operation did
     */
    static Optional<Commit> ofDelta(List<Row> history, BiPredicate<Long, @Nullable String> changesRows) {
        for (var row : history) {
            var version = row.<Long>getAs("version");
            var operation = row.<@Nullable String>getAs("operation");
            var note = row.<@Nullable String>getAs("userMetadata");
            if (isOurs(note) || changesRows.test(version, operation)) {
                return Optional.of(new Commit(
                        "version " + version + " (" + operation + ")", note, isOurs(note) ? Kind.OURS : Kind.FOREIGN));
            }
        }
        return history.stream()
                .map(row -> row.<Long>getAs("version"))
                .reduce((newer, older) -> older)
                .filter(oldest -> oldest > 0)
                .map(oldest -> forgotten("a version before " + oldest));
    }

    /**
     * That of a snapshot, or of the one whose rows it wrote again; empty if there is none.
     *
     * @param snapshots all that a table of Iceberg still has
     * @param current the id of the one that it is at; null: it is at none
     */
    static Optional<Commit> ofIceberg(List<Row> snapshots, @Nullable Long current) {
        var byId = snapshots.stream().collect(Collectors.toMap(row -> row.<Long>getAs("snapshot_id"), row -> row));
        for (var id = current; id != null; ) {
            var at = byId.get(id);
            if (at == null) {
                return Optional.of(forgotten("snapshot " + id));
            }
            var operation = at.<@Nullable String>getAs("operation"); // the format's first version lets both be missing
            var note = note(at);
            if (isOurs(note) || !"replace".equals(operation)) {
                var isLast = snapshots.stream()
                        .noneMatch(other -> isOurs(note(other)) && time(other).isAfter(time(at)));
                var ours = isLast ? Kind.OURS : Kind.OURS_AGAIN;
                return Optional.of(new Commit(
                        "snapshot " + id + (operation == null ? "" : " (" + operation + ")"),
                        note,
                        isOurs(note) ? ours : Kind.FOREIGN));
            }
            id = at.<@Nullable Long>getAs("parent_id");
        }
        return Optional.empty();
    }

    private static Commit forgotten(String name) {
        return new Commit(name, null, Kind.FORGOTTEN);
    }

    private static Instant time(Row snapshot) {
        return snapshot.<Timestamp>getAs("committed_at").toInstant();
    }

    private static @Nullable String note(Row snapshot) {
        var summary = snapshot.fieldIndex("summary");
        return snapshot.isNullAt(summary)
                ? null
                : snapshot.<String, String>getJavaMap(summary).get(NOTE);
    }

    private static boolean isOurs(@Nullable String note) {
        return note != null && note.startsWith(NOTE + " ");
    }

    /** What is to be told before it is replaced; empty if it is the version before, as it was published. */
    Optional<String> told(String target, String by) {
        return switch (kind) {
            case OURS -> Optional.empty();
            case OURS_AGAIN ->
                Optional.of(target + " holds " + version() + " again, of " + name + ": it is replaced by " + by);
            case FOREIGN ->
                Optional.of(target + " holds what did not come from here, of " + name + ": it is replaced by " + by);
            case FORGOTTEN ->
                Optional.of(target + " holds rows of " + name
                        + ", which its history no longer has: they are replaced by " + by);
        };
    }

    /** The note without its first and last word. */
    private String version() {
        var said = Objects.requireNonNull(note);
        return said.substring(NOTE.length() + 1, Math.max(NOTE.length() + 1, said.lastIndexOf(' ')));
    }
}
