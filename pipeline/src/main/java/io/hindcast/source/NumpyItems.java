package io.hindcast.source;

import io.hindcast.config.UserException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** NumPy arrays and numbers as msgpack-numpy packs them: maps of {@code nd}, {@code type}, {@code shape} and {@code data}. */
final class NumpyItems {
    private final String file;
    /** Headers by type and shape, which repeat from step to step. */
    private final Map<String, NpyHeader> headers = new HashMap<>();

    NumpyItems(String file) {
        this.file = file;
    }

    static boolean isArray(Map<?, ?> map) {
        return map.containsKey("nd") && map.containsKey("data");
    }

    /**
     * The array.
     *
     * @param what what to call it in messages
     * @throws UserException if it is none of plain numbers
     */
    NpyArray array(String what, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map) || !(map.get("data") instanceof byte[] data)) {
            throw new UserException("Cannot read " + what
                    + ": it is no NumPy array as msgpack-numpy packs them; write it" + " again, or map other columns");
        }
        var shape = map.get("shape") instanceof List<?> extents
                ? extents.toString().replace('[', '(').replace(']', ')')
                : "()";
        var type = map.get("type") instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8)
                : String.valueOf(map.get("type"));
        try {
            var header = headers.get(type + shape);
            if (header == null) {
                header = NpyHeader.parse(
                        "{'descr': '" + type.replace("'", "") + "', 'fortran_order': False, 'shape': " + shape + "}");
                if (headers.size() < 1_000) {
                    headers.put(type + shape, header);
                }
            }
            if (header.bytes() != data.length) {
                throw new NpyHeader.Refused(
                        "its " + data.length + " bytes are not those of its shape " + shape + "; copy the file again");
            }
            return new NpyArray(file, what, header, data);
        } catch (NpyHeader.Refused e) {
            throw new UserException("Cannot read " + what + ": " + e.getMessage(), e);
        }
    }

    /** An array in an npy file of version 1. */
    static NpyArray npy(String file, String name, byte[] bytes) {
        try {
            if (bytes.length < 10 || bytes[0] != (byte) 0x93 || bytes[6] != 1) {
                throw new NpyHeader.Refused("it is no npy array of version 1; copy the file again");
            }
            var length = Byte.toUnsignedInt(bytes[8]) + 256 * Byte.toUnsignedInt(bytes[9]);
            if (10 + length > bytes.length) {
                throw new NpyHeader.Refused("it ends within its header; copy the file again");
            }
            var header = NpyHeader.parse(new String(bytes, 10, length, StandardCharsets.ISO_8859_1));
            if (header.bytes() != bytes.length - 10 - length) {
                throw new NpyHeader.Refused("its bytes are not those of its shape; copy the file again");
            }
            return new NpyArray(file, name, header, java.util.Arrays.copyOfRange(bytes, 10 + length, bytes.length));
        } catch (NpyHeader.Refused e) {
            throw new UserException("Cannot read " + name + " of " + file + ": " + e.getMessage(), e);
        }
    }

    /** The array as a value of a row: a number if it has no extents, else all of its numbers. */
    static Object whole(NpyArray array) {
        return array.shape().length == 0 ? array.number(0) : array.doubles();
    }

    /** What is at one place of the outermost extent, as {@link #whole}. */
    static Object row(NpyArray array, int row) {
        var width = array.rows() == 0 ? 0 : array.size() / array.rows();
        if (row >= array.rows()) {
            throw new IndexOutOfBoundsException("place " + row + " of " + array.rows());
        }
        if (array.shape().length == 1) {
            return array.number(row);
        }
        var values = new double[width];
        for (var i = 0; i < width; i++) {
            values[i] = array.number(row * width + i).doubleValue();
        }
        return values;
    }
}
