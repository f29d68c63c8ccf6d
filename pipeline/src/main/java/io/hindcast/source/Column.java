package io.hindcast.source;

import io.hindcast.config.UserException;
import io.hindcast.timeline.Spelling;
import java.lang.reflect.Array;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/** A mapped column of one file: where its values are, and which numbers they stand for. */
public final class Column {
    private enum Kind {
        NUMBERS,
        CATEGORY,
        MAP
    }

    private final String file;
    private final String name;
    private final int place;
    private final String[] fields;
    private final Kind kind;
    private final Map<String, Integer> names = new HashMap<>();
    private final int count;
    private final double missingKey;
    private final @Nullable OneHot oneHot;
    private final Floats numbers = new Floats();

    /** A column of numbers or of text. */
    Column(String file, String name, List<String> columns) {
        this(file, name, columns, List.of(), Double.NaN);
    }

    /**
     * A column as the conf names it, perhaps a category or a map.
     *
     * @param columns those of the file
     * @param known the sorted names of a category or a map
     * @param missingKey what stands for a key that a map lacks
     * @throws UserException if the file has no such column
     */
    public Column(String file, String given, List<String> columns, List<String> known, double missingKey) {
        this.file = file;
        this.missingKey = missingKey;
        name = ColumnMapping.bare(given);
        oneHot = OneHot.is(given) ? OneHot.of(given) : null;
        kind = ColumnMapping.isMap(given) ? Kind.MAP : ColumnMapping.isCategory(given) ? Kind.CATEGORY : Kind.NUMBERS;
        var holder = ColumnMapping.holder(name, columns, file);
        place = columns.indexOf(holder);
        fields = holder.length() == name.length()
                ? new String[0]
                : name.substring(holder.length() + 1).split("\\.");
        for (var i = 0; i < known.size(); i++) {
            names.put(known.get(i), i);
        }
        for (var i = 0; i < known.size(); i++) {
            names.putIfAbsent(Spelling.plain(known.get(i)), i);
        }
        count = known.size();
    }

    /** Its value in a row. */
    @Nullable Object value(@Nullable Object[] values) {
        var value = values[place];
        for (var field : fields) {
            value = value instanceof Map<?, ?> map ? map.get(field) : null;
        }
        return value;
    }

    /** A value as a name, of a list of one its entry's; null if there is none. */
    static @Nullable String text(@Nullable Object value) {
        return value instanceof String name ? name : Scalars.text(Scalars.single(value));
    }

    /** The name in a row; null if there is none, or a word that says so. */
    @Nullable String id(@Nullable Object[] values) {
        var text = text(value(values));
        return text == null || Scalars.isMissing(text) ? null : text;
    }

    /** The one number of a row, of a category its name's place; NaN if there is none. */
    public double number(long row, @Nullable Object[] values) {
        var value = value(values);
        if (kind == Kind.CATEGORY) {
            var name = text(value);
            return name == null ? Double.NaN : index(name);
        }
        return value instanceof Double number ? number : scalar(row, single(row, value));
    }

    /** What {@link #number} leaves out of a number with more digits than a double has; 0 of most. */
    double rest(@Nullable Object[] values) {
        var value = value(values);
        return value instanceof Double || kind == Kind.CATEGORY ? 0 : Scalars.rest(Scalars.single(value));
    }

    /** The flag of a row, null if it is not told. */
    @Nullable Boolean flag(long row, @Nullable Object[] values) {
        var value = value(values);
        if (value instanceof Boolean flag) {
            return flag;
        }
        var single = single(row, value);
        try {
            return Scalars.flag(single);
        } catch (NumberFormatException e) {
            throw new UserException(
                    "Cannot read column '" + name + "' of " + file + ": row " + row + " holds '"
                            + StringUtils.abbreviate(String.valueOf(single), 40)
                            + "' where a flag is expected; a flag is true or false, 1 or 0, or empty where it is not known",
                    e);
        }
    }

    private @Nullable Object single(long row, @Nullable Object value) {
        var single = Scalars.single(value);
        if (single != null && Scalars.isVector(single)) {
            throw new UserException("Cannot read column '" + name + "' of " + file + ": row " + row
                    + " holds a vector where one number is expected; map a column of numbers");
        }
        return single;
    }

    private int index(String name) {
        var index = names.get(name);
        return index != null ? index : names.getOrDefault(Spelling.plain(name), -1);
    }

    /** Appends the column's numbers: one, those of its vector, row by row if it is nested, or one for each name. */
    void appendTo(Floats floats, long row, @Nullable Object[] values) {
        var value = value(values);
        if (oneHot != null) {
            numbers.clear();
            append(numbers, row, value);
            floats.add(oneHot.entries(numbers.toArray()));
            return;
        }
        switch (kind) {
            case NUMBERS -> append(floats, row, value);
            case CATEGORY -> appendCategory(floats, value);
            case MAP -> appendMap(floats, row, value);
        }
    }

    private void append(Floats floats, long row, @Nullable Object value) {
        if (value instanceof float[] vector) {
            floats.add(vector);
        } else if (value instanceof double[] vector) {
            for (var number : vector) {
                floats.add(number);
            }
        } else if (value instanceof List<?> list) {
            for (var item : list) {
                append(floats, row, item);
            }
        } else if (value != null && value.getClass().isArray()) {
            for (var i = 0; i < Array.getLength(value); i++) {
                append(floats, row, Array.get(value, i));
            }
        } else {
            floats.add(scalar(row, value));
        }
    }

    /** A 1 among zeros; of a list one for each of its names, and an entry too many if a name is not known. */
    private void appendCategory(Floats floats, @Nullable Object value) {
        var at = floats.add(count, 0);
        if (value instanceof List<?> list) {
            for (var item : list) {
                var name = text(item);
                var index = name == null ? -1 : index(name);
                if (index < 0) {
                    floats.add(Double.NaN);
                } else {
                    floats.set(at + index, 1);
                }
            }
            return;
        }
        var name = text(value);
        var index = name == null ? -1 : index(name);
        if (index >= 0) {
            floats.set(at + index, 1);
        } else {
            for (var i = 0; i < count; i++) {
                floats.set(at + i, Double.NaN);
            }
        }
    }

    /** An entry for each key, and one too many if a key is not known. */
    private void appendMap(Floats floats, long row, @Nullable Object value) {
        if (value != null && !(value instanceof Map<?, ?>)) {
            throw new UserException("Cannot read column '" + name + "' of " + file + ": row " + row + " holds '"
                    + StringUtils.abbreviate(value.toString(), 40)
                    + "', which is not a map from keys to numbers; name the column without map:");
        }
        var at = floats.add(count, value == null ? Double.NaN : missingKey);
        if (value instanceof Map<?, ?> map) {
            for (var entry : map.entrySet()) {
                var key = text(entry.getKey());
                var index = key == null ? -1 : index(key);
                if (index < 0) {
                    floats.add(Double.NaN);
                } else if (entry.getValue() != null) {
                    floats.set(at + index, scalar(row, single(row, entry.getValue())));
                }
            }
        }
    }

    private double scalar(long row, @Nullable Object single) {
        if (single instanceof Map<?, ?>) {
            throw new UserException("Cannot read column '" + name + "' of " + file + ": row " + row
                    + " holds a map where numbers are expected; map:" + name + " takes all of its numbers, " + name
                    + ".KEY one of them");
        }
        try {
            return Scalars.number(single);
        } catch (NumberFormatException e) {
            var text = String.valueOf(single).strip();
            throw new UserException(
                    "Cannot read column '" + name + "' of " + file + ": row " + row + " holds '"
                            + StringUtils.abbreviate(text, 40) + "', which is not a number; "
                            + (ColumnMapping.isPacked(text)
                                    ? "RLlib packed it, write the files again with output_compress_columns = []"
                                    : "map a column of numbers, or category:" + name + " in an observation"),
                    e);
        }
    }
}
