package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
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

    /** Where {@code name} stands in {@code names}. */
    static int place(String name, List<String> names, String file) {
        var place = names.indexOf(name);
        if (place < 0) {
            throw Settings.unknown(
                    "column",
                    name,
                    names.stream().filter(StringUtils::isNotBlank).toList(),
                    " of " + file);
        }
        return place;
    }

    /** The one number in {@code values}; NaN if there is none. */
    double number(long row, @Nullable Object[] values) {
        var value = values[place];
        if (value instanceof double[] vector && vector.length == 1) {
            return vector[0];
        }
        if (value instanceof double[] || value instanceof List<?>) {
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
        } else if (value instanceof List<?> list) {
            list.forEach(item -> floats.add(scalar(row, item)));
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
