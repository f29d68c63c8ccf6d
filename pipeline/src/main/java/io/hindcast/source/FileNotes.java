package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What reading a file to its end found, besides its rows.
 *
 * @param file the file's name
 * @param counts how often each kind of thing was met
 * @param absent the wanted columns that no row has, of a format in which every row names its own
 * @param known some of the columns that the rows have
 */
public record FileNotes(String file, Map<Kind, Long> counts, List<String> absent, List<String> known)
        implements Serializable {
    /** What is worth telling. */
    public enum Kind {
        /** A file without a row. */
        EMPTY("empty files were left out"),
        /** A line without a value. */
        BLANK("blank lines were left out"),
        /** A line that begins with {@code #} and is no row. */
        COMMENT("lines that begin with # and are no rows were left out"),
        /** A header that begins with {@code #}. */
        HASH("headers begin with #, which is not read as part of the first column's name");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** The same without columns that are found elsewhere. */
    public FileNotes withoutAbsent(Collection<String> elsewhere) {
        return absent.stream().noneMatch(elsewhere::contains)
                ? this
                : new FileNotes(
                        file,
                        counts,
                        absent.stream()
                                .filter(column -> !elsewhere.contains(column))
                                .toList(),
                        known);
    }

    /** Nothing to tell. */
    public static FileNotes none(String file) {
        return new FileNotes(file, Map.of(), List.of(), List.of());
    }

    /** Whether there is something to tell. */
    public boolean isEmpty() {
        return counts.isEmpty() && absent.isEmpty();
    }

    /** A line for each kind that was met: how often, and in which files; {@code all} may hold a file's notes more than once. */
    public static List<String> inWords(Collection<FileNotes> all) {
        var lines = new ArrayList<String>();
        for (var kind : Kind.values()) {
            var notes = new HashSet<>(all)
                    .stream()
                            .filter(note -> note.counts.containsKey(kind))
                            .sorted(Comparator.comparing(FileNotes::file))
                            .toList();
            if (!notes.isEmpty()) {
                var count = notes.stream()
                        .mapToLong(note -> note.counts.getOrDefault(kind, 0L))
                        .sum();
                var where = notes.size() == 1
                        ? notes.get(0).file
                        : kind == Kind.EMPTY
                                ? names(notes.stream().map(FileNotes::file).toList())
                                : notes.size() + " files, the first " + notes.get(0).file;
                lines.add(count + " " + kind.words + ": " + where);
            }
        }
        return lines;
    }

    /**
     * Makes sure that each wanted column is in some row of some file.
     *
     * @param files how many files were read
     * @throws UserException if one is in none: it names the nearest of their columns
     */
    public static void requireColumns(Collection<FileNotes> all, int files) {
        var lacking = new HashSet<>(all)
                .stream()
                        .filter(note -> !note.absent.isEmpty())
                        .sorted(Comparator.comparing(FileNotes::file))
                        .toList();
        if (lacking.isEmpty() || lacking.size() < files) {
            return;
        }
        var known = new TreeSet<String>();
        lacking.forEach(note -> known.addAll(note.known));
        for (var column : lacking.get(0).absent) {
            if (!known.isEmpty() && lacking.stream().allMatch(note -> note.absent.contains(column))) {
                throw Settings.unknown("column", column, known, " of " + lacking.get(0).file);
            }
        }
    }

    /** Up to three names, and how many more there are. */
    static String names(List<String> names) {
        var shown = String.join(", ", names.subList(0, Math.min(3, names.size())));
        return names.size() <= 3 ? shown : shown + " and " + (names.size() - 3) + " more";
    }
}
