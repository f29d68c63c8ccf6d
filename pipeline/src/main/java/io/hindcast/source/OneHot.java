package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A column of whole numbers that is spread over 0/1 entries: {@code one-hot:state{16}} holds a number from 0 to 15 and becomes 16
 * entries, {@code one-hot:cards{3,2}} holds two and becomes 3 + 2 entries side by side, and {@code one-hot:room{4 from 1}} holds a
 * number from 1 to 4. This is what {@code gymnasium.spaces.flatten} makes of Discrete and MultiDiscrete observations.
 *
 * @param column the column's name
 * @param sizes how many values each of its numbers has
 * @param starts the least value of each
 */
public record OneHot(String column, List<Integer> sizes, List<Integer> starts) implements Serializable {
    static final String PREFIX = "one-hot:";

    /** Up to here floats hold every whole number of a start and the greatest index. */
    static final int GREATEST_START = 1 << 23;

    private static final int MOST_ENTRIES = 1 << 16;
    private static final Pattern GIVEN = Pattern.compile(PREFIX + "(.+)\\{([^{}]*)}");
    private static final Pattern SIZE = Pattern.compile("\\s*(\\d{1,6})(?:\\s+from\\s+(-?\\d{1,9}))?\\s*");

    /** Lists are copied. */
    public OneHot {
        sizes = List.copyOf(sizes);
        starts = List.copyOf(starts);
    }

    /** Whether a column is given as one. */
    public static boolean is(String given) {
        return given.startsWith(PREFIX);
    }

    /**
     * A column as the conf names it.
     *
     * @throws UserException if it does not say how many values there are
     */
    public static OneHot of(String given) {
        var matcher = GIVEN.matcher(given);
        var sizes = new ArrayList<Integer>();
        var starts = new ArrayList<Integer>();
        var whole = 0L;
        if (matcher.matches()) {
            for (var part : matcher.group(2).split(",", -1)) {
                var size = SIZE.matcher(part);
                if (!size.matches() || Integer.parseInt(size.group(1)) < 1) {
                    throw unclear(given);
                }
                sizes.add(Integer.valueOf(size.group(1)));
                starts.add(size.group(2) == null ? 0 : Integer.valueOf(size.group(2)));
                whole += sizes.get(sizes.size() - 1);
                if (Math.abs(starts.get(starts.size() - 1)) > GREATEST_START) {
                    throw unclear(given);
                }
            }
        }
        if (sizes.isEmpty() || whole > MOST_ENTRIES) {
            throw unclear(given);
        }
        return new OneHot(matcher.group(1), sizes, starts);
    }

    private static UserException unclear(String given) {
        return new UserException("Cannot use column '" + given + "': one-hot:NAME{16} is a number from 0 to 15,"
                + " one-hot:NAME{3,2} are two of them, one-hot:NAME{4 from 1} is one from 1 to 4, and there are at most "
                + MOST_ENTRIES + " values in all, from " + GREATEST_START + " at most");
    }

    /** The column as conf files name it. */
    public String given() {
        var text = new StringBuilder(PREFIX).append(column).append('{');
        for (var i = 0; i < sizes.size(); i++) {
            text.append(i == 0 ? "" : ",").append(sizes.get(i));
            if (starts.get(i) != 0) {
                text.append(" from ").append(starts.get(i));
            }
        }
        return text.append('}').toString();
    }

    /** How many entries it becomes. */
    public int entries() {
        return sizes.stream().mapToInt(Integer::intValue).sum();
    }

    /** The entries for the numbers of a row; NaN throughout if one of them is none of its values, or there are not as many. */
    public float[] entries(float[] numbers) {
        var entries = new float[entries()];
        var isKnown = numbers.length == sizes.size();
        var at = 0;
        for (var i = 0; isKnown && i < numbers.length; i++) {
            var index = (double) numbers[i] - starts.get(i);
            isKnown = index == Math.rint(index) && index >= 0 && index < sizes.get(i);
            if (isKnown) {
                entries[at + (int) index] = 1;
                at += sizes.get(i);
            }
        }
        if (!isKnown) {
            Arrays.fill(entries, Float.NaN);
        }
        return entries;
    }
}
