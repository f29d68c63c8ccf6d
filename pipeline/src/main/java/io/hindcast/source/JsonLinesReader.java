package io.hindcast.source;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.config.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON object a line; the keys of the first are the columns, and a key that a later one lacks has no value there. */
final class JsonLinesReader implements RowReader {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String name;
    private final MappingIterator<Map<String, Object>> objects;
    private final List<String> columns;
    private @Nullable Map<String, Object> ahead;

    JsonLinesReader(String name, InputStream in) {
        this.name = name;
        try {
            objects = MAPPER.readerFor(new TypeReference<Map<String, Object>>() {})
                    .readValues(in);
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
        ahead = object();
        if (ahead == null) {
            throw new UserException("Cannot read " + name + ": it is empty; give a file with one JSON object a line");
        }
        columns = List.copyOf(ahead.keySet());
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        var object = ahead;
        if (object == null) {
            return null;
        }
        ahead = object();
        return columns.stream().map(object::get).toArray();
    }

    @Override
    public void close() throws IOException {
        objects.close();
    }

    private @Nullable Map<String, Object> object() {
        try {
            return objects.hasNextValue() ? objects.nextValue() : null;
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }
}
