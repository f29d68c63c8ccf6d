package io.hindcast.source;

import io.hindcast.config.UserException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/** A mapped column of one file: where its values are, and which numbers they stand for. */
final class Column {
    private static final double SECONDS_PER_DAY = 86_400;

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
    Column(String file, String given, List<String> columns, List<String> known, double missingKey) {
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
        known.forEach(word -> names.put(word, names.size()));
    }

    /** Its value in a row. */
    @Nullable Object value(@Nullable Object[] values) {
        var value = values[place];
        for (var field : fields) {
            value = value instanceof Map<?, ?> map ? map.get(field) : null;
        }
        return value;
    }

    /** A value as a name: whole numbers without a point, whatever their type. */
    static String text(Object value) {
        if (value instanceof double[] one && one.length == 1) {
            return text(one[0]);
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (value instanceof Double || value instanceof Float) {
            var number = ((Number) value).doubleValue();
            return number == Math.rint(number) && Math.abs(number) < 0x1p53
                    ? String.valueOf((long) number)
                    : value.toString();
        }
        return value.toString();
    }

    /** The one number of a row, of a category its name's place; NaN if there is none. */
    double number(long row, @Nullable Object[] values) {
        var value = value(values);
        if (kind == Kind.CATEGORY) {
            return value == null ? Double.NaN : names.getOrDefault(text(value), -1);
        }
        if (value instanceof Double number) {
            return number;
        }
        if (value instanceof double[] vector && vector.length == 1) {
            return vector[0];
        }
        if (value instanceof double[]
                || value instanceof float[]
                || value instanceof List<?>
                || value instanceof Map<?, ?>) {
            throw new UserException("Cannot read column '" + name + "' of " + file + ": row " + row
                    + " holds a vector where one number must stand; map a column of numbers");
        }
        return scalar(row, value);
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
        } else {
            floats.add(scalar(row, value));
        }
    }

    /** A 1 among zeros; of a list one for each of its names, and an entry too many if a name is not known. */
    private void appendCategory(Floats floats, @Nullable Object value) {
        var at = floats.add(names.size(), 0);
        if (value instanceof List<?> list) {
            for (var item : list) {
                var index = item == null ? null : names.get(text(item));
                if (index == null) {
                    floats.add(Double.NaN);
                } else {
                    floats.set(at + index, 1);
                }
            }
            return;
        }
        var index = value == null ? null : names.get(text(value));
        if (index != null) {
            floats.set(at + index, 1);
        } else {
            for (var i = 0; i < names.size(); i++) {
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
        var at = floats.add(names.size(), value == null ? Double.NaN : missingKey);
        if (value instanceof Map<?, ?> map) {
            for (var entry : map.entrySet()) {
                var index = entry.getKey() == null ? null : names.get(text(entry.getKey()));
                if (index == null) {
                    floats.add(Double.NaN);
                } else if (entry.getValue() != null) {
                    floats.set(at + index, scalar(row, entry.getValue()));
                }
            }
        }
    }

    private double scalar(long row, @Nullable Object value) {
        if (value == null) {
            return Double.NaN;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (value instanceof Instant time) {
            return time.getEpochSecond() + time.getNano() / 1e9;
        }
        if (value instanceof LocalDate day) {
            return day.toEpochDay() * SECONDS_PER_DAY;
        }
        if (value instanceof Map<?, ?>) {
            throw new UserException("Cannot read column '" + name + "' of " + file + ": row " + row
                    + " holds a map where numbers must stand; map:" + name + " takes all of its numbers, " + name
                    + ".KEY one of them");
        }
        var text = value.toString().strip();
        if (text.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
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
