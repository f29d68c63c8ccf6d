package io.hindcast.source;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.lang3.ArrayUtils;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * What a single value of a log stands for, whatever the format: the table in {@code data-schema/README.md}. A value is as a
 * {@link RowReader} gives it.
 */
final class Scalars {
    private static final double SECONDS_PER_DAY = 86_400;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double EXACT_LONGS = 0x1p53;
    /** Two decimals of so many digits are never the same double. */
    private static final int EXACT_DIGITS = 15;
    /** Of exponents beyond it a decimal would be written out with as many zeros. */
    private static final int GREATEST_EXPONENT = 400;

    private static final int NANO_DIGITS = 9;
    /** Of the words for nothing. */
    private static final int LONGEST_MISSING = 8;

    private static final String ZONE = " ?(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?";
    private static final Pattern DATE_AND_TIME = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})"
            + "(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,18}))?)?"
            + ZONE + ")?");
    /** Without a time of day it would be a number. */
    private static final Pattern BASIC_DATE_AND_TIME = Pattern.compile(
            "([0-9]{4})([0-9]{2})([0-9]{2})" + "[Tt]([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:[.,]([0-9]{1,18}))?)?" + ZONE);

    private Scalars() {}

    /** Its one entry if it is a list of one, of any depth; null if there is no value: null, or an empty list. */
    static @Nullable Object single(@Nullable Object value) {
        var at = value;
        while (at != null) {
            if (at instanceof List<?> list) {
                if (list.size() > 1) {
                    return at;
                }
                at = list.isEmpty() ? null : list.get(0);
            } else if (at.getClass().isArray()) {
                var length = Array.getLength(at);
                if (length > 1) {
                    return at;
                }
                at = length == 0 ? null : Array.get(at, 0);
            } else {
                return at;
            }
        }
        return null;
    }

    /** Whether {@link #single} left more than one value. */
    static boolean isVector(Object single) {
        return single instanceof List<?> || single.getClass().isArray();
    }

    /**
     * A single value as a number; NaN if it is missing.
     *
     * @throws NumberFormatException if it is none
     */
    static double number(@Nullable Object single) {
        if (single instanceof Double number) {
            return number;
        }
        if (single instanceof Number number) {
            return number.doubleValue();
        }
        if (single == null) {
            return Double.NaN;
        }
        if (single instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (single instanceof LocalDate day) {
            return day.toEpochDay() * SECONDS_PER_DAY;
        }
        var time = instant(single);
        if (time != null) {
            return seconds(time);
        }
        if (single instanceof Map<?, ?> || isVector(single)) {
            throw new NumberFormatException("not a single value");
        }
        return number(single.toString());
    }

    /**
     * What the double of {@link #number} leaves out of a number that has more digits: value = number + rest. 0 of most.
     *
     * @throws NumberFormatException if it is no number
     */
    static double rest(@Nullable Object single) {
        if (single instanceof Long whole) {
            return restOf(whole);
        }
        if (single instanceof BigInteger whole) {
            return restOf(new BigDecimal(whole));
        }
        if (single instanceof BigDecimal decimal) {
            return decimal.precision() <= EXACT_DIGITS ? 0 : restOf(decimal);
        }
        if (single == null || single instanceof Number || single instanceof Boolean) {
            return 0;
        }
        var time = instant(single);
        if (time != null) {
            return restOf(time);
        }
        if (!(single instanceof CharSequence)) {
            return 0;
        }
        var text = single.toString().strip();
        if (text.length() <= EXACT_DIGITS || !Double.isFinite(number(text))) {
            return 0;
        }
        time = instant(text);
        if (time != null) {
            return restOf(time);
        }
        var decimal = decimal(text);
        return decimal == null || decimal.precision() <= EXACT_DIGITS ? 0 : restOf(decimal);
    }

    /**
     * A single value as a flag, null if it is missing.
     *
     * @throws NumberFormatException if it is neither true nor false
     */
    static @Nullable Boolean flag(@Nullable Object single) {
        if (single instanceof Boolean flag) {
            return flag;
        }
        if (single == null) {
            return null;
        }
        var isTime = single instanceof LocalDate
                || instant(single) != null
                || (single instanceof CharSequence text
                        && instant(text.toString().strip()) != null);
        if (isTime) {
            throw new NumberFormatException("a time is no flag");
        }
        return flag(number(single));
    }

    /**
     * A number as a flag: 1 or 0; null if it is NaN.
     *
     * @throws NumberFormatException if it is another number
     */
    static @Nullable Boolean flag(double number) {
        if (Double.isNaN(number)) {
            return null;
        }
        if (number != 0 && number != 1) {
            throw new NumberFormatException("neither 0 nor 1");
        }
        return number == 1;
    }

    /** A single value as a name: whole numbers without a point, whatever their type; null if there is none. */
    static @Nullable String text(@Nullable Object single) {
        if (single instanceof String text) {
            return text;
        }
        if (single instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (single instanceof Double || single instanceof Float) {
            var number = ((Number) single).doubleValue();
            if (Double.isNaN(number)) {
                return null;
            }
            if (number != Math.rint(number) || Double.isInfinite(number)) {
                return single.toString();
            }
            return Math.abs(number) < EXACT_LONGS
                    ? String.valueOf((long) number)
                    : new BigDecimal(number).toPlainString();
        }
        return single == null ? null : single.getClass().isArray() ? ArrayUtils.toString(single) : single.toString();
    }

    /** Whether a text says that there is no value. */
    static boolean isMissing(String text) {
        if (text.length() > LONGEST_MISSING && !Character.isWhitespace(text.charAt(0))) {
            return false;
        }
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "",
                    "nan",
                    "+nan",
                    "-nan",
                    "na",
                    "<na>",
                    "n/a",
                    "#n/a",
                    "#na",
                    "null",
                    "none",
                    "nat",
                    "\\n",
                    "1.#qnan",
                    "-1.#qnan",
                    "1.#ind",
                    "-1.#ind" -> true;
            default -> false;
        };
    }

    private static double number(String given) {
        var text = given.strip();
        // Java would take 1d, 1f and 0x1p3 for numbers too.
        if (!text.isEmpty() && isNumeric(text)) {
            return Double.parseDouble(text);
        }
        switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "yes", "y", "on" -> {
                return 1;
            }
            case "false", "f", "no", "n", "off" -> {
                return 0;
            }
            case "inf", "+inf", "infinity", "+infinity", "1.#inf" -> {
                return Double.POSITIVE_INFINITY;
            }
            case "-inf", "-infinity", "-1.#inf" -> {
                return Double.NEGATIVE_INFINITY;
            }
            default -> {
                if (isMissing(text)) {
                    return Double.NaN;
                }
            }
        }
        var time = instant(text);
        if (time == null) {
            throw new NumberFormatException("no number");
        }
        return seconds(time);
    }

    /** Whether it has no other characters than decimal numbers have; a date has a minus within. */
    private static boolean isNumeric(String text) {
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            var sign = c == '-' || c == '+';
            var exponent = c == 'e' || c == 'E';
            if (!isDigit(c)
                    && c != '.'
                    && !(exponent && i > 0)
                    && !(sign && (i == 0 || text.charAt(i - 1) == 'e' || text.charAt(i - 1) == 'E'))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static @Nullable Instant instant(Object single) {
        if (single instanceof Instant time) {
            return time;
        }
        if (single instanceof LocalDateTime time) {
            return time.toInstant(ZoneOffset.UTC);
        }
        if (single instanceof OffsetDateTime time) {
            return time.toInstant();
        }
        return single instanceof ZonedDateTime time ? time.toInstant() : null;
    }

    /** A date, or a date and a time of day, as ISO 8601 writes them; without a zone it is UTC. Null if it is none. */
    private static @Nullable Instant instant(String text) {
        var found = DATE_AND_TIME.matcher(text);
        if (!found.matches()) {
            found = BASIC_DATE_AND_TIME.matcher(text);
            if (!found.matches()) {
                return null;
            }
        }
        try {
            var day = LocalDate.of(whole(found.group(1)), whole(found.group(2)), whole(found.group(3)));
            var time = found.group(4) == null
                    ? LocalTime.MIDNIGHT
                    : LocalTime.of(
                            whole(found.group(4)), whole(found.group(5)), whole(found.group(6)), nanos(found.group(7)));
            return day.atTime(time).toInstant(zone(found.group(8)));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static int whole(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static int nanos(@Nullable String fraction) {
        return fraction == null
                ? 0
                : Integer.parseInt(StringUtils.rightPad(StringUtils.left(fraction, NANO_DIGITS), NANO_DIGITS, '0'));
    }

    private static ZoneOffset zone(@Nullable String zone) {
        return zone == null || Character.isLetter(zone.charAt(0)) ? ZoneOffset.UTC : ZoneOffset.of(zone);
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / NANOS_PER_SECOND;
    }

    private static double restOf(Instant time) {
        return time.getNano() == 0 ? 0 : (time.getEpochSecond() - seconds(time)) + time.getNano() / NANOS_PER_SECOND;
    }

    private static double restOf(long whole) {
        if (Math.abs(whole) <= (long) EXACT_LONGS && whole != Long.MIN_VALUE) {
            return 0;
        }
        var number = (double) whole;
        // 2^63 is no long.
        return number == 0x1p63 ? (double) (whole - Long.MAX_VALUE) - 1 : (double) (whole - (long) number);
    }

    private static double restOf(BigDecimal decimal) {
        var number = decimal.doubleValue();
        return Double.isFinite(number)
                ? decimal.subtract(new BigDecimal(number)).doubleValue()
                : 0;
    }

    private static @Nullable BigDecimal decimal(String text) {
        try {
            var decimal = new BigDecimal(text);
            return Math.abs((long) decimal.scale()) > GREATEST_EXPONENT ? null : decimal;
        } catch (NumberFormatException e) {
            return null; // true, or a word that is no number at all
        }
    }
}
