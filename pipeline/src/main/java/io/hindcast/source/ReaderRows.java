package io.hindcast.source;

import io.hindcast.timeline.LoggedRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The rows of a {@link RowReader} as a {@link ColumnMapping} says, for formats that are planned. Closes the reader. */
final class ReaderRows implements LoggedRows {
    private final RowReader reader;
    private final RowMapper mapper;
    private long place;
    private @Nullable Object @Nullable [] ahead;

    /**
     * @param file the file's name
     * @param stem the same without its ending
     * @param firstRow the place in the file of the reader's first row
     * @throws io.hindcast.config.UserException if a mapped column is missing
     */
    ReaderRows(String file, String stem, RowReader reader, ColumnMapping columns, long firstRow) {
        this(file, stem, reader, columns, Map.of(), firstRow);
    }

    /** @param categories the sorted names in each column that is a category or a map */
    ReaderRows(
            String file,
            String stem,
            RowReader reader,
            ColumnMapping columns,
            Map<String, List<String>> categories,
            long firstRow) {
        this.reader = reader;
        mapper = new RowMapper(file, stem, reader.columns(), columns, categories);
        place = firstRow;
        ahead = reader.next();
    }

    @Override
    public boolean hasNext() {
        return ahead != null;
    }

    @Override
    public LoggedRow next() {
        var values = ahead;
        if (values == null) {
            throw new NoSuchElementException();
        }
        var row = mapper.map(place++, values);
        ahead = reader.next();
        return row;
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
