package io.hindcast.table;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The fingerprint of rows that are written without Spark SQL: the same sums that {@link Contents} has Spark SQL compute, value
 * by value. A state that merges; not for several threads.
 */
final class RowHash {
    private long rows;
    private long first;
    private long second;

    /** Adds one row, a value a column: String, Long, Integer, Double, Boolean, float[], boolean[] or null. */
    void add(@Nullable Object[] row) {
        rows++;
        first += hash(row, 1);
        second += hash(row, 2);
    }

    long rows() {
        return rows;
    }

    /** 128 bits in hex. */
    String fingerprint() {
        return fingerprint(first, second);
    }

    static String fingerprint(long first, long second) {
        return String.format("%016x%016x", first, second);
    }

    /** The fingerprint of the rows of both: sums modulo 2^64. */
    static String plus(String one, String other) {
        return fingerprint(half(one, 0) + half(other, 0), half(one, 1) + half(other, 1));
    }

    private static long half(String fingerprint, int which) {
        return new BigInteger(fingerprint.substring(16 * which, 16 * which + 16), 16).longValue();
    }

    private static long hash(@Nullable Object[] row, int salt) {
        var hash = XXH64.hashInt(salt, 42);
        for (var value : row) {
            hash = value(value, hash);
            hash = XXH64.hashInt(value == null ? 1 : 0, hash);
            if (value instanceof float[] floats) {
                hash = XXH64.hashInt(floats.length, hash);
            } else if (value instanceof boolean[] flags) {
                hash = XXH64.hashInt(flags.length, hash);
            }
        }
        return hash;
    }

    /** As Spark hashes: a null changes nothing, negative zero is zero. */
    private static long value(@Nullable Object value, long seed) {
        if (value instanceof float[] floats) {
            var hash = seed;
            for (var number : floats) {
                hash = XXH64.hashInt(number == 0 ? 0 : Float.floatToIntBits(number), hash);
            }
            return hash;
        }
        if (value instanceof Double number) {
            return XXH64.hashLong(number == 0 ? 0 : Double.doubleToLongBits(number), seed);
        }
        if (value instanceof Long number) {
            return XXH64.hashLong(number, seed);
        }
        if (value instanceof Integer number) {
            return XXH64.hashInt(number, seed);
        }
        if (value instanceof Boolean flag) {
            return XXH64.hashInt(flag ? 1 : 0, seed);
        }
        if (value instanceof String text) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            return XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, seed);
        }
        if (value instanceof boolean[] flags) {
            var hash = seed;
            for (var flag : flags) {
                hash = XXH64.hashInt(flag ? 1 : 0, hash);
            }
            return hash;
        }
        if (value == null) {
            return seed;
        }
        throw new IllegalArgumentException("Cannot hash a " + value.getClass());
    }
}
