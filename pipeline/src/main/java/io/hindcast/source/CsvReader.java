package io.hindcast.source;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import io.hindcast.config.UserException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Comma-separated values with a header line, in UTF-8; every value is a string, an empty cell is none. */
final class CsvReader implements RowReader {
    private final String name;
    private final CsvParser parser;
    private final List<String> columns;
    private long row;

    CsvReader(String name, InputStream in) {
        this.name = name;
        var settings = new CsvParserSettings();
        settings.setLineSeparatorDetectionEnabled(true);
        settings.setReadInputOnSeparateThread(false);
        settings.setMaxColumns(16_384);
        settings.setMaxCharsPerColumn(1 << 20);
        parser = new CsvParser(settings);
        try {
            parser.beginParsing(in, StandardCharsets.UTF_8);
        } catch (IllegalStateException | TextParsingException e) {
            throw Format.damaged(name, e);
        }
        var header = line();
        if (header == null) {
            throw new UserException("Cannot read " + name + ": it is empty; give a CSV file with a header line");
        }
        columns = Arrays.stream(header).map(cell -> cell == null ? "" : cell).toList();
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        var cells = line();
        if (cells != null && cells.length != columns.size()) {
            throw new UserException("Cannot read " + name + ": row " + row + " has " + cells.length
                    + " cells, the header has " + columns.size() + "; the file is cut short or not CSV");
        }
        row++;
        return cells;
    }

    @Override
    public void close() {
        parser.stopParsing();
    }

    private @Nullable String @Nullable [] line() {
        try {
            return parser.parseNext();
        } catch (IllegalStateException | TextParsingException e) {
            throw Format.damaged(name, e);
        }
    }
}
