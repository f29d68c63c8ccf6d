package io.hindcast.source;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import io.hindcast.config.UserException;
import io.hindcast.source.FileNotes.Kind;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values with a header line, in UTF-8; every value is a string, an empty cell is none.
 *
 * <p>A row may begin with {@code #}. Where the first line does, the header is the first line that has all wanted columns, among
 * the lines that begin so and the one after them; a {@code #} before its first column is no part of that column's name. The
 * lines above it are left out, and so is one below it that begins with {@code # } and has a single cell.
 */
final class CsvReader implements RowReader {
    private static final int MOST_COMMENTS = 1_000;
    private static final Pattern HASH = Pattern.compile("#+\\s*");
    private static final Pattern SEPARATOR = Pattern.compile("[;\t|]");

    private final String name;
    private final CsvParser parser;
    private final List<String> columns;
    private final Deque<@Nullable String[]> ahead = new ArrayDeque<>();
    private final EnumMap<Kind, Long> counts = new EnumMap<>(Kind.class);
    private long row;

    CsvReader(String name, InputStream in, Wanted wanted) {
        this.name = name;
        var settings = new CsvParserSettings();
        settings.setLineSeparatorDetectionEnabled(true);
        settings.setReadInputOnSeparateThread(false);
        settings.setMaxColumns(16_384);
        settings.setMaxCharsPerColumn(1 << 20);
        // Neither is left out unseen.
        settings.setCommentProcessingEnabled(false);
        settings.setSkipEmptyLines(false);
        parser = new CsvParser(settings);
        try {
            parser.beginParsing(in, StandardCharsets.UTF_8);
        } catch (IllegalStateException | TextParsingException e) {
            throw Format.damaged(name, e);
        }
        columns = header(wanted);
        for (var column : columns) {
            if (wanted.includes(column) && Collections.frequency(columns, column) > 1) {
                throw new UserException("Cannot use column '" + column + "' of " + name + ": its header has "
                        + Collections.frequency(columns, column) + " columns of that name; give each its own");
            }
        }
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        var cells = ahead.isEmpty() ? line() : ahead.remove();
        while (cells != null && cells.length == 1 && columns.size() > 1 && isComment(cells[0])) {
            counts.merge(Kind.COMMENT, 1L, Long::sum);
            cells = ahead.isEmpty() ? line() : ahead.remove();
        }
        if (cells != null && cells.length != columns.size()) {
            throw new UserException("Cannot read " + name + ": row " + row + " has " + cells.length
                    + " cells, the header has " + columns.size() + "; the file is cut short or not CSV");
        }
        row++;
        return cells;
    }

    @Override
    public FileNotes notes() {
        return new FileNotes(name, counts, List.of(), List.of());
    }

    @Override
    public void close() {
        parser.stopParsing();
    }

    private List<String> header(Wanted wanted) {
        var first = line();
        if (first == null) {
            counts.clear();
            counts.put(Kind.EMPTY, 1L);
            return List.of();
        }
        var lines = new ArrayList<@Nullable String[]>();
        for (var line = first; line != null && lines.size() < MOST_COMMENTS; ) {
            lines.add(line);
            line = beginsWithHash(line) ? line() : null;
        }
        var at = 0;
        while (at < lines.size() && !hasAll(names(lines.get(at), wanted), wanted)) {
            at++;
        }
        if (at == lines.size()) {
            var last = lines.size() - 1;
            at = last > 0 && lines.get(last).length == lines.get(last - 1).length ? last - 1 : last;
        }
        var names = names(lines.get(at), wanted);
        if (at > 0) {
            counts.put(Kind.COMMENT, (long) at);
        }
        if (beginsWithHash(lines.get(at)) && !names.get(0).startsWith("#")) {
            counts.put(Kind.HASH, 1L);
        }
        ahead.addAll(lines.subList(at + 1, lines.size()));
        if (names.size() == 1 && SEPARATOR.matcher(names.get(0)).find() && !hasAll(names, wanted)) {
            throw new UserException("Cannot read " + name + ": its header is '"
                    + StringUtils.abbreviate(names.get(0).replace("\t", "\\t"), 40)
                    + "', without a comma; write it with commas, or read it with format = spark, spark { format = csv,"
                    + " options { header = true, sep = \"…\" } }");
        }
        return names;
    }

    /** The cells of a header, without the {@code #} before the first unless a wanted column is called so. */
    private static List<String> names(@Nullable String[] cells, Wanted wanted) {
        var names = new ArrayList<>(
                Arrays.stream(cells).map(cell -> cell == null ? "" : cell).toList());
        if (beginsWithHash(cells) && !wanted.includes(names.get(0))) {
            names.set(0, HASH.matcher(names.get(0)).replaceFirst(""));
        }
        return names;
    }

    private static boolean hasAll(List<String> names, Wanted wanted) {
        return wanted.columns().stream().allMatch(column -> ColumnMapping.isHeld(column, names));
    }

    private static boolean isComment(@Nullable String cell) {
        return cell != null && (cell.equals("#") || cell.startsWith("# "));
    }

    private static boolean beginsWithHash(@Nullable String[] cells) {
        return cells.length > 0 && cells[0] != null && cells[0].startsWith("#");
    }

    /** The next line that has a cell. */
    private @Nullable String @Nullable [] line() {
        try {
            var cells = parser.parseNext();
            while (cells != null && cells.length == 1 && cells[0] == null) {
                counts.merge(Kind.BLANK, 1L, Long::sum);
                cells = parser.parseNext();
            }
            return cells;
        } catch (IllegalStateException | TextParsingException e) {
            throw Format.damaged(name, e);
        }
    }
}
