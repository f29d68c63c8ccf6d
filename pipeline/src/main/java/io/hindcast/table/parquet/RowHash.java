package io.hindcast.table.parquet;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
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
    private static final int TILE = 256;
    private static final long UNSIGNED = 0xffffffffL;
    // Of xxHash64.
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;
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
        add(columns, new Hashes(columns.get(0).rows()));
    }

    /**
     * The same of rows whose first columns stand elsewhere.
     *
     * @param first the first hash of each row as far as it goes, as Spark's {@code xxhash64} has it after the number 1 and these columns;
     *     it is overwritten
     * @param second the same after the number 2
     */
    void add(List<PartColumn> columns, int rows, long[] first, long[] second) {
        add(columns, new Hashes(rows, first, second));
    }

    private void add(List<PartColumn> columns, Hashes hashes) {
        for (var i = 0; i < columns.size(); i++) {
            hashes.add(columns.get(i), i < original ? Absent.COUNTS : Absent.IS_NOTHING);
            if (i == original - 1) {
                hashes.addGone(gone);
            }
        }
        rows += hashes.rows;
        first += Arrays.stream(hashes.first, 0, hashes.rows).sum();
        second += Arrays.stream(hashes.second, 0, hashes.rows).sum();
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

    /** What a value that is not there adds to the hash of its row. */
    private enum Absent {
        COUNTS,
        IS_NOTHING
    }

    /** The two hashes of each of some rows, as far as their columns are added. */
    private static final class Hashes {
        private final int rows;
        private final long[] first;
        private final long[] second;
        /** Of each row a number of 32 bits. */
        private final long[] values;

        Hashes(int rows) {
            this(rows, new long[rows], new long[rows]);
            Arrays.fill(first, XXH64.hashInt(1, 42));
            Arrays.fill(second, XXH64.hashInt(2, 42));
        }

        Hashes(int rows, long[] first, long[] second) {
            this.rows = rows;
            this.first = first;
            this.second = second;
            values = new long[rows];
        }

        void add(PartColumn column, Absent absent) {
            if (column.absentRows() < rows) {
                addPresent(column);
            }
            for (var row = 0; row < rows; row++) {
                values[row] = column.isAbsent(row) ? 1 : 0;
            }
            if (absent == Absent.COUNTS || column.absentRows() == 0) {
                addValues(0, rows);
            } else {
                addValuesOfPresent(column);
            }
            if (column.isList()) {
                for (var row = 0; row < rows; row++) {
                    values[row] = (long) column.end(row) - column.start(row);
                }
                addValuesOfPresent(column);
            }
        }

        /** What the values themselves add, where there are any. */
        private void addPresent(PartColumn column) {
            switch (column.kind()) {
                case TEXT -> addTexts(column);
                case INTEGER -> {
                    for (var row = 0; row < rows; row++) {
                        values[row] = column.integers()[row] & UNSIGNED;
                    }
                    addValuesOfPresent(column);
                }
                case FLAG -> {
                    for (var row = 0; row < rows; row++) {
                        values[row] = column.flags()[row] ? 1 : 0;
                    }
                    addValuesOfPresent(column);
                }
                case FLOATS -> {
                    if (column.width() > 0) {
                        addVectors(column.floats(), column.width());
                    } else {
                        addEach(column, i -> bits(column.floats()[i]));
                    }
                }
                case FLOAT -> {
                    for (var row = 0; row < rows; row++) {
                        values[row] = bits(column.floats()[row]) & UNSIGNED;
                    }
                    addValuesOfPresent(column);
                }
                case DOUBLES -> addDoubles(column);
                case FLAGS -> addEach(column, i -> column.flags()[i] ? 1 : 0);
                case BYTES, LONG, DOUBLE -> {
                    for (var row = 0; row < rows; row++) {
                        if (!column.isAbsent(row)) {
                            addLarge(column, row);
                        }
                    }
                }
            }
        }

        private void addLarge(PartColumn column, int row) {
            if (column.kind() == PartColumn.Kind.BYTES) {
                add(row, Objects.requireNonNull(column.bytes()[row]));
                return;
            }
            var number = column.kind() == PartColumn.Kind.LONG ? column.longs()[row] : bits(column.doubles()[row]);
            first[row] = XXH64.hashLong(number, first[row]);
            second[row] = XXH64.hashLong(number, second[row]);
        }

        private void addTexts(PartColumn column) {
            var text = new byte[0];
            @Nullable String last = null;
            for (var row = 0; row < rows; row++) {
                if (!column.isAbsent(row)) {
                    var next = Objects.requireNonNull(column.texts()[row]);
                    if (!next.equals(last)) {
                        last = next;
                        text = next.getBytes(StandardCharsets.UTF_8);
                    }
                    add(row, text);
                }
            }
        }

        private void add(int row, byte[] value) {
            first[row] = hash(value, first[row]);
            second[row] = hash(value, second[row]);
        }

        /** The elements of vectors, each as a number of 32 bits. */
        private void addEach(PartColumn column, IntUnaryOperator element) {
            for (var row = 0; row < rows; row++) {
                for (var i = column.start(row); i < column.end(row); i++) {
                    add(row, element.applyAsInt(i));
                }
            }
        }

        private void addDoubles(PartColumn column) {
            for (var row = 0; row < rows; row++) {
                for (var i = column.start(row); i < column.end(row); i++) {
                    var number = bits(column.doubles()[i]);
                    first[row] = XXH64.hashLong(number, first[row]);
                    second[row] = XXH64.hashLong(number, second[row]);
                }
            }
        }

        private void add(int row, int value) {
            first[row] = XXH64.hashInt(value, first[row]);
            second[row] = XXH64.hashInt(value, second[row]);
        }

        /** Entry by entry, of as many rows at a time as fit in the cache. */
        private void addVectors(float[] floats, int width) {
            for (var from = 0; from < rows; from += TILE) {
                var to = Math.min(rows, from + TILE);
                for (var entry = 0; entry < width; entry++) {
                    for (var row = from; row < to; row++) {
                        values[row] = bits(floats[row * width + entry]) & UNSIGNED;
                    }
                    addValues(from, to);
                }
            }
        }

        private void addValues(int from, int to) {
            addValues(first, values, from, to);
            addValues(second, values, from, to);
        }

        private void addValuesOfPresent(PartColumn column) {
            if (column.absentRows() == 0) {
                addValues(0, rows);
                return;
            }
            for (var row = 0; row < rows; row++) {
                if (!column.isAbsent(row)) {
                    add(row, (int) values[row]);
                }
            }
        }

        /** {@link XXH64#hashInt} of some rows, in loops so short that each instruction takes several rows. */
        private static void addValues(long[] hashes, long[] values, int from, int to) {
            for (var row = from; row < to; row++) {
                var hash = (hashes[row] + (PRIME_5 + Integer.BYTES)) ^ (values[row] * PRIME_1);
                hashes[row] = Long.rotateLeft(hash, 23) * PRIME_2 + PRIME_3;
            }
            for (var row = from; row < to; row++) {
                var hash = (hashes[row] ^ (hashes[row] >>> 33)) * PRIME_2;
                hash = (hash ^ (hash >>> 29)) * PRIME_3;
                hashes[row] = hash ^ (hash >>> 32);
            }
        }

        void addGone(int gone) {
            Arrays.fill(values, 1);
            for (var i = 0; i < gone; i++) {
                addValues(0, rows);
            }
        }
    }

    private static long bits(double number) {
        return number == 0 ? 0 : Double.doubleToLongBits(number);
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
                hash = XXH64.hashInt(bits(number), hash);
            }
            return hash;
        }
        if (value instanceof Double number) {
            return XXH64.hashLong(bits(number.doubleValue()), seed);
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
