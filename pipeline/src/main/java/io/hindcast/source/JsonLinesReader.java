package io.hindcast.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.hindcast.config.UserException;
import io.hindcast.source.FileNotes.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON objects, one a line or otherwise one after the other, or in arrays. The columns are the wanted ones: each row says by
 * its keys which of them it has, and one that it lacks has no value there. {@code NaN}, {@code Infinity} and
 * {@code -Infinity} are numbers, as Python writes them.
 */
final class JsonLinesReader implements RowReader {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    private static final int MOST_KNOWN = 200;

    private final String name;
    private final JsonParser parser;
    private final List<String> columns;
    private final Place[][] places;
    private final boolean[] found;
    /** The keys that may hold a wanted column, each with its place in {@link #values}. */
    private final Map<String, Integer> keys = new HashMap<>();

    private final @Nullable Object[] values;
    private final boolean[] present;
    private final Set<String> known = new LinkedHashSet<>();
    private boolean inArray;
    private boolean ended;
    private long row;

    /** One place where a column may stand: in a key, or deeper in the object under it. */
    private record Place(int key, List<String> fields) {}

    JsonLinesReader(String name, InputStream in, Wanted wanted) {
        this.name = name;
        columns = wanted.columns();
        places = columns.stream().map(this::places).toArray(Place[][]::new);
        found = new boolean[places.length];
        values = new @Nullable Object[keys.size()];
        present = new boolean[keys.size()];
        try {
            parser = FACTORY.createParser(in);
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    /** The places of {@code a.b}: the key of that name, else the field b of the key a. */
    private Place[] places(String column) {
        var all = new ArrayList<Place>();
        for (var end = column.length(); end > 0; end = column.lastIndexOf('.', end - 1)) {
            var key = keys.computeIfAbsent(column.substring(0, end), unseen -> keys.size());
            var fields = end == column.length()
                    ? List.<String>of()
                    : List.of(column.substring(end + 1).split("\\."));
            all.add(new Place(key, fields));
        }
        return all.toArray(Place[]::new);
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        if (ended) {
            return null;
        }
        try {
            var token = parser.nextToken();
            while (token == (inArray ? JsonToken.END_ARRAY : JsonToken.START_ARRAY)) {
                inArray = !inArray;
                token = parser.nextToken();
            }
            if (token == null) {
                ended = true;
                return null;
            }
            if (token != JsonToken.START_OBJECT) {
                throw new UserException("Cannot read " + name + ": row " + row + " is "
                        + token.name().replaceAll("^(VALUE|START)_", "").toLowerCase(Locale.ROOT)
                        + ", and no object of columns; give a file with one JSON object a line");
            }
            readObject();
        } catch (JsonProcessingException e) {
            throw damaged(e);
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
        row++;
        var cells = new @Nullable Object[places.length];
        for (var i = 0; i < cells.length; i++) {
            cells[i] = cell(i);
        }
        return cells;
    }

    private void readObject() throws IOException {
        Arrays.fill(present, false);
        for (var key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            var place = keys.get(key);
            var token = parser.nextToken();
            if (place == null) {
                parser.skipChildren();
            } else if (present[place]) {
                throw new UserException("Cannot read " + name + ": row " + row + " has the key '" + key
                        + "' twice; write it again with each key once");
            } else {
                present[place] = true;
                values[place] = value(token);
            }
            if (known.size() < MOST_KNOWN) {
                known.add(key);
            }
        }
    }

    private @Nullable Object value(@Nullable JsonToken token) throws IOException {
        if (token == JsonToken.START_ARRAY) {
            var list = new ArrayList<@Nullable Object>();
            for (var item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
                list.add(value(item));
            }
            return list;
        }
        if (token == JsonToken.START_OBJECT) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (var key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                map.put(key, value(parser.nextToken()));
            }
            return map;
        }
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            return parser.getNumberValue();
        }
        return token == JsonToken.VALUE_STRING
                ? parser.getText()
                : token == JsonToken.VALUE_NULL ? null : Boolean.valueOf(token == JsonToken.VALUE_TRUE);
    }

    private @Nullable Object cell(int column) {
        for (var place : places[column]) {
            if (present[place.key()]) {
                found[column] = true;
                var value = values[place.key()];
                for (var field : place.fields()) {
                    value = value instanceof Map<?, ?> map ? map.get(field) : null;
                }
                return value;
            }
        }
        return null;
    }

    private UserException damaged(JsonProcessingException e) {
        return new UserException(
                "Cannot read " + name + ": line " + parser.currentLocation().getLineNr() + ": "
                        + String.valueOf(e.getOriginalMessage())
                                .lines()
                                .findFirst()
                                .orElse("no reason is known")
                        + (e instanceof StreamConstraintsException
                                ? "; write it with smaller values"
                                : "; the file is damaged or of another format, copy it again or set format"),
                e);
    }

    @Override
    public FileNotes notes() {
        if (row == 0) {
            return new FileNotes(name, Map.of(Kind.EMPTY, 1L), columns, List.of());
        }
        var absent = new ArrayList<String>();
        for (var i = 0; i < found.length; i++) {
            if (!found[i]) {
                absent.add(columns.get(i));
            }
        }
        return absent.isEmpty() ? FileNotes.none(name) : new FileNotes(name, Map.of(), absent, List.copyOf(known));
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
