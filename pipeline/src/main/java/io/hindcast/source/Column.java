package io.hindcast.source;

import io.hindcast.config.UserException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * A mapped column of one file.
 *
 * @param place its index in a row
 * @param category the sorted names it may hold, null if it holds numbers
 */
record Column(String file, String name, int place, @Nullable List<String> category) {
    private static final double SECONDS_PER_DAY = 86_400;

    /** The one number in {@code values}; NaN if there is none. */
    double number(long row, @Nullable Object[] values) {
        var value = values[place];
        if (value instanceof Double number) {
            return number;
        }
        if (value instanceof double[] vector && vector.length == 1) {
            return vector[0];
        }
        if (value instanceof double[] || value instanceof float[] || value instanceof List<?>) {
            throw new UserException("Cannot read column '" + name + "' of " + file + ": row " + row
                    + " holds a vector where one number must stand; map a column of numbers");
        }
        return scalar(row, value);
    }

    /** Appends the column's numbers: one, those of its vector, or a 1 among zeros for a category. */
    void appendTo(Floats floats, long row, @Nullable Object[] values) {
        var value = values[place];
        if (category != null) {
            var index = value == null ? -1 : Collections.binarySearch(category, value.toString());
            for (var i = 0; i < category.size(); i++) {
                floats.add(index < 0 ? Double.NaN : i == index ? 1 : 0);
            }
        } else if (value instanceof double[] vector) {
            for (var number : vector) {
                floats.add(number);
            }
        } else if (value instanceof float[] vector) {
            floats.add(vector);
        } else if (value instanceof List<?> list) {
            for (var item : list) {
                floats.add(scalar(row, item));
            }
        } else {
            floats.add(scalar(row, value));
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
        var text = value.toString().strip();
        if (text.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new UserException(
                    "Cannot read column '" + name + "' of " + file + ": row " + row + " holds '"
                            + StringUtils.abbreviate(text, 40) + "', which is not a number; map a column of numbers, or"
                            + " category:" + name + " in an observation",
                    e);
        }
    }
}
