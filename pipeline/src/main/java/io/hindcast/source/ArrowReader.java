package io.hindcast.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of an Arrow IPC stream or file. */
final class ArrowReader implements RowReader {
    private final String name;
    private final Wanted wanted;
    private final ArrowStream stream;
    private final List<String> columns;
    private ArrowStream.@Nullable Batch batch;
    private int row;
    private boolean isEmpty = true;

    ArrowReader(String name, InputStream in, Wanted wanted) {
        this.name = name;
        this.wanted = wanted;
        stream = new ArrowStream(name, in);
        columns = stream.fields().stream().map(ArrowField::name).toList();
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        while (batch == null || row == batch.rows()) {
            batch = stream.next(wanted::includes);
            row = 0;
            if (batch == null) {
                return null;
            }
        }
        var current = batch;
        return stream.intact(() -> {
            var values = new @Nullable Object[columns.size()];
            for (var i = 0; i < values.length; i++) {
                values[i] = current.columns().get(i).get(row);
            }
            row++;
            isEmpty = false;
            return values;
        });
    }

    @Override
    public FileNotes notes() {
        return isEmpty
                ? new FileNotes(name, Map.of(FileNotes.Kind.EMPTY, 1L), List.of(), List.of())
                : FileNotes.none(name);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
