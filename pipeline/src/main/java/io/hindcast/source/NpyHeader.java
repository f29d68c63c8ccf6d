package io.hindcast.source;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an npy file says about its array: a Python dictionary of the keys {@code descr}, {@code fortran_order} and
 * {@code shape}.
 *
 * @param type what a number is
 * @param byteOrder how its bytes are ordered
 * @param fortranOrder the first index runs fastest, instead of the last
 * @param shape the extents
 * @param count how many numbers there are, the product of the shape
 */
@SuppressWarnings("ArrayRecordComponent") // shared with nobody, never compared
record NpyHeader(Type type, ByteOrder byteOrder, boolean fortranOrder, int[] shape, int count) {
    /** The greatest array: what fits one Java array of bytes. */
    static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private static final int MAX_RANK = 32;
    private static final Pattern ITEM = Pattern.compile(
            "\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([^()]*\\)|\\[.*])\\s*(?:,\\s*|$)", Pattern.DOTALL);
    private static final Pattern DTYPE = Pattern.compile("([<>|])([fiub])([1248])");
    private static final Pattern EXTENT = Pattern.compile("-?\\d{1,40}");

    /** Kinds of numbers; the digit is their size in bytes. */
    enum Type {
        F2,
        F4,
        F8,
        I1,
        I2,
        I4,
        I8,
        U1,
        U2,
        U4,
        U8,
        B1;

        int bytes() {
            return name().charAt(1) - '0';
        }
    }

    /** A header that cannot be read: why, and how to mend it. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String reasonAndMend) {
            super(reasonAndMend);
        }
    }

    /** The size of the array in bytes, at most {@link #MAX_BYTES}. */
    int bytes() {
        return count * type.bytes();
    }

    /** Reads the dictionary. */
    static NpyHeader parse(String text) throws Refused {
        var items = items(text.strip());
        var dtype = unquoted(items.getOrDefault("descr", ""));
        var type = type(dtype);
        var shape = shape(items.getOrDefault("shape", ""));
        var order = dtype.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        var fortranOrder = switch (items.getOrDefault("fortran_order", "")) {
            case "True" -> true;
            case "False" -> false;
            default -> throw garbage(text);
        };
        return new NpyHeader(type, order, fortranOrder, shape, count(shape, type));
    }

    private static Map<String, String> items(String text) throws Refused {
        if (!text.startsWith("{") || !text.endsWith("}")) {
            throw garbage(text);
        }
        var body = text.substring(1, text.length() - 1);
        var items = new HashMap<String, String>();
        var matcher = ITEM.matcher(body);
        for (var at = 0; at < body.length(); at = matcher.end()) {
            matcher.region(at, body.length());
            if (!matcher.lookingAt() || items.put(matcher.group(1), matcher.group(2)) != null) {
                throw garbage(text);
            }
        }
        if (!items.keySet().equals(Set.of("descr", "fortran_order", "shape"))) {
            throw garbage(text);
        }
        return items;
    }

    private static Type type(String dtype) throws Refused {
        if (dtype.startsWith("[")) {
            throw new Refused("its dtype is structured; save each field as an array of its own");
        }
        if (dtype.endsWith("O")) {
            throw new Refused("it holds pickled Python objects (dtype O), which are code and are never loaded; "
                    + "save it with allow_pickle=False as plain numbers");
        }
        var matcher = DTYPE.matcher(dtype);
        if (matcher.matches()
                && (matcher.group(3).equals("1") || !matcher.group(1).equals("|"))) {
            var name = (matcher.group(2) + matcher.group(3)).toUpperCase(Locale.ROOT);
            for (var type : Type.values()) {
                if (type.name().equals(name)) {
                    return type;
                }
            }
        }
        throw new Refused("its dtype " + printable(dtype) + " is not one of f2, f4, f8, i1 to i8, u1 to u8 and b1; "
                + "convert it with astype before saving");
    }

    private static int[] shape(String tuple) throws Refused {
        if (!tuple.startsWith("(")) {
            throw garbage(tuple);
        }
        var inner = tuple.substring(1, tuple.length() - 1).strip();
        var extents = inner.isEmpty() ? new String[0] : inner.split(",");
        if (extents.length > MAX_RANK) {
            throw new Refused("its shape has " + extents.length + " extents, more than " + MAX_RANK + "; reshape it");
        }
        var shape = new int[extents.length];
        for (var i = 0; i < shape.length; i++) {
            var extent = extents[i].strip();
            if (!EXTENT.matcher(extent).matches()) {
                throw garbage(tuple);
            }
            if (extent.startsWith("-") || extent.length() > 10 || Long.parseLong(extent) > Integer.MAX_VALUE) {
                throw new Refused("its shape " + printable(tuple)
                        + " is out of range; save it again in parts of at most " + MAX_BYTES + " bytes");
            }
            shape[i] = Integer.parseInt(extent);
        }
        return shape;
    }

    private static int count(int[] shape, Type type) throws Refused {
        var count = 1L;
        for (var extent : shape) {
            count *= extent;
            if (count * type.bytes() > MAX_BYTES) {
                throw new Refused("its shape " + Arrays.toString(shape) + " is out of range; save it again in parts of "
                        + "at most " + MAX_BYTES + " bytes");
            }
        }
        return (int) count;
    }

    private static String unquoted(String text) {
        return text.startsWith("'") ? text.substring(1, text.length() - 1) : text;
    }

    private static Refused garbage(String text) {
        return new Refused("its header " + printable(text) + " is damaged; save it again with numpy.savez");
    }

    /** What a message may quote from a hostile file. */
    private static String printable(String text) {
        var shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return "'" + shown.replaceAll("[^\\x20-\\x7e…]", "?") + "'";
    }
}
