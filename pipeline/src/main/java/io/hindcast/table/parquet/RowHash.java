package io.hindcast.table.parquet;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The fingerprint of rows that are written without Spark SQL: the same sums that {@link io.hindcast.table.Contents} has Spark SQL compute, value
 * by value. A state that merges; not for several threads.
 */
public final class RowHash {
    private static final int TILE = 16;
    private static final String SINCE = "since";
    private static final String GONE = "gone";

    /** How many columns, the first ones, count even where they are null. */
    private final int original;

    /** How many columns that were behind these went: they count as null, so that rows keep their fingerprint. */
    private final int gone;

    private long rows;
    private long first;
    private long second;

    /** Of a table whose columns have all been there from its first schema version on. */
    RowHash() {
        this(Integer.MAX_VALUE, 0);
    }

    /**
     * Of rows of a table; a column that came in a later version of its schema counts only where it is not null, and one that went as
     * if it were null.
     */
    RowHash(StructType schema) {
        this(
                (int) Stream.of(schema.fields()).filter(RowHash::isOriginal).count(),
                Stream.of(schema.fields()).mapToInt(RowHash::gone).sum());
    }

    private RowHash(int original, int gone) {
        this.original = original;
        this.gone = gone;
    }

    /** Adds one row, a value a column: String, byte[], Long, Integer, Double, Boolean, float[], boolean[] or null. */
    void add(@Nullable Object[] row) {
        rows++;
        first += hash(row, 1);
        second += hash(row, 2);
    }

    /** Adds the rows of some columns, all that the table has, in the order of its schema. */
    void add(List<PartColumn> columns) {
        var count = columns.get(0).rows();
        rows += count;
        first += sum(columns, count, 1);
        second += sum(columns, count, 2);
    }

    /** Whether a column was there from the first version of the schema on that is still read; those that came later stand last. */
    public static boolean isOriginal(StructField field) {
        return !field.metadata().contains(SINCE);
    }

    /** How many columns that stood behind a column, the last of the original ones, are in the schema no more. */
    public static int gone(StructField field) {
        return field.metadata().contains(GONE) ? (int) field.metadata().getLong(GONE) : 0;
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
    public static String plus(String one, String other) {
        return fingerprint(half(one, 0) + half(other, 0), half(one, 1) + half(other, 1));
    }

    private static long half(String fingerprint, int which) {
        return new BigInteger(fingerprint.substring(16 * which, 16 * which + 16), 16).longValue();
    }

    private long sum(List<PartColumn> columns, int rows, int salt) {
        var hashes = new long[rows];
        Arrays.fill(hashes, XXH64.hashInt(salt, 42));
        for (var i = 0; i < columns.size(); i++) {
            add(columns.get(i), i < original ? Absent.COUNTS : Absent.IS_NOTHING, hashes);
            if (i == original - 1) {
                Arrays.setAll(hashes, row -> withGone(hashes[row]));
            }
        }
        var sum = 0L;
        for (var hash : hashes) {
            sum += hash;
        }
        return sum;
    }

    /** What a value that is not there adds to the hash of its row. */
    private enum Absent {
        COUNTS,
        IS_NOTHING
    }

    private static void add(PartColumn column, Absent absent, long[] hashes) {
        var rows = hashes.length;
        if (column.kind() == PartColumn.Kind.FLOATS && column.width() > 0) {
            add(column.floats(), column.width(), hashes);
            return;
        }
        var text = new byte[0];
        @Nullable String last = null;
        for (var row = 0; row < rows; row++) {
            if (column.isAbsent(row)) {
                hashes[row] = absent == Absent.COUNTS ? XXH64.hashInt(1, hashes[row]) : hashes[row];
                continue;
            }
            var hash = hashes[row];
            switch (column.kind()) {
                case TEXT -> {
                    var next = Objects.requireNonNull(column.texts()[row]);
                    if (!next.equals(last)) {
                        last = next;
                        text = next.getBytes(StandardCharsets.UTF_8);
                    }
                    hash = hash(text, hash);
                }
                case BYTES -> hash = hash(Objects.requireNonNull(column.bytes()[row]), hash);
                case LONG -> hash = XXH64.hashLong(column.longs()[row], hash);
                case INTEGER -> hash = XXH64.hashInt(column.integers()[row], hash);
                case DOUBLE -> {
                    var number = column.doubles()[row];
                    hash = XXH64.hashLong(number == 0 ? 0 : Double.doubleToLongBits(number), hash);
                }
                case FLAG -> hash = XXH64.hashInt(column.flags()[row] ? 1 : 0, hash);
                case FLOATS -> {
                    for (var i = column.start(row); i < column.end(row); i++) {
                        hash = XXH64.hashInt(bits(column.floats()[i]), hash);
                    }
                }
                case FLAGS -> {
                    for (var i = column.start(row); i < column.end(row); i++) {
                        hash = XXH64.hashInt(column.flags()[i] ? 1 : 0, hash);
                    }
                }
            }
            hash = XXH64.hashInt(0, hash);
            hashes[row] = column.isList() ? XXH64.hashInt(column.end(row) - column.start(row), hash) : hash;
        }
    }

    /** A hash waits for the one before it: rows side by side fill the time. */
    private static void add(float[] floats, int width, long[] hashes) {
        for (var tile = 0; tile < hashes.length; tile += TILE) {
            var end = Math.min(hashes.length, tile + TILE);
            for (var j = 0; j < width; j++) {
                for (var row = tile; row < end; row++) {
                    hashes[row] = XXH64.hashInt(bits(floats[row * width + j]), hashes[row]);
                }
            }
            for (var row = tile; row < end; row++) {
                hashes[row] = XXH64.hashInt(width, XXH64.hashInt(0, hashes[row]));
            }
        }
    }

    private static int bits(float number) {
        return number == 0 ? 0 : Float.floatToIntBits(number);
    }

    private long hash(@Nullable Object[] row, int salt) {
        var hash = XXH64.hashInt(salt, 42);
        for (var i = 0; i < row.length; i++) {
            var value = row[i];
            if (i == original) {
                hash = withGone(hash);
            }
            if (value == null && i >= original) {
                continue;
            }
            hash = value(value, hash);
            hash = XXH64.hashInt(value == null ? 1 : 0, hash);
            if (value instanceof float[] floats) {
                hash = XXH64.hashInt(floats.length, hash);
            } else if (value instanceof boolean[] flags) {
                hash = XXH64.hashInt(flags.length, hash);
            }
        }
        return row.length <= original ? withGone(hash) : hash;
    }

    private long withGone(long hash) {
        var result = hash;
        for (var i = 0; i < gone; i++) {
            result = XXH64.hashInt(1, result);
        }
        return result;
    }

    private static long hash(byte[] bytes, long seed) {
        return XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, seed);
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
            return hash(text.getBytes(StandardCharsets.UTF_8), seed);
        }
        if (value instanceof byte[] bytes) {
            return hash(bytes, seed);
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
