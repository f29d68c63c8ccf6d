package io.hindcast.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** How JSON is read and written: in one place, so that the same value always has the same text. */
public final class Json {
    /** The longest string in JSON that Python wrote: the bounds of three cameras' pixels take half of it. */
    public static final int LONGEST = 64 << 20;

    /**
     * Entries of maps and fields stay in their order. Of a record, an unknown field is an error, as is a missing one, or null for
     * a number.
     */
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /** The same with the entries of maps sorted by key, so that equal values have equal texts; unknown fields are skipped. */
    public static final ObjectMapper SORTED = MAPPER.copy()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** For texts whose hash is an id: maps and fields sorted. An unknown field is an error; a missing one has Java's default. */
    public static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** Reads what Python writes: with {@code NaN} and {@code Infinity}, and strings up to {@link #LONGEST}. */
    public static final ObjectMapper OF_PYTHON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LONGEST)
                            .build())
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    // The same line ends on every machine: what is sealed is hashed.
    private static final DefaultPrettyPrinter LINES =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private Json() {}

    /** On one line, with sorted maps. */
    public static String text(Object value) {
        try {
            return SORTED.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw unwritable(value, e);
        }
    }

    /** For people: a field a line, each line ended by a line feed on every machine. */
    public static String lines(Object value) {
        return lines(MAPPER, value);
    }

    /** The same, with sorted maps. */
    public static String sortedLines(Object value) {
        return lines(SORTED, value);
    }

    private static String lines(ObjectMapper mapper, Object value) {
        try {
            return mapper.writer(LINES).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw unwritable(value, e);
        }
    }

    private static IllegalArgumentException unwritable(Object value, JsonProcessingException e) {
        return new IllegalArgumentException("Cannot write as JSON: " + value.getClass(), e);
    }
}
