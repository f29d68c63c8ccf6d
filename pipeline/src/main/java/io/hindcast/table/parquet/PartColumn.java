package io.hindcast.table.parquet;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Some thousand values of one column of a table, one a row, as primitive arrays. Allocated once and refilled; the accessors hand
 * out the arrays themselves, which are longer than there are rows. The place of an absent value holds nothing of meaning.
 */
public final class PartColumn {
    /** How many rows it can hold. */
    public static final int CAPACITY = 4096;

    private static final int VARYING = -1;
    private static final int UNKNOWN = -2;

    /** What a value of a column is. */
    public enum Kind {
        TEXT,
        /** Any bytes. */
        BYTES,
        LONG,
        INTEGER,
        FLOAT,
        DOUBLE,
        FLAG,
        /** A vector. */
        FLOATS,
        /** A vector of doubles. */
        DOUBLES,
        /** A vector of flags. */
        FLAGS
    }

    private final String name;
    private final Kind kind;
    private final boolean[] absent = new boolean[CAPACITY];
    private final @Nullable String[] texts;
    private final byte[] @Nullable [] bytes;
    private final long[] longs;
    private final int[] integers;
    private float[] floats;
    private double[] doubles;
    private boolean[] flags;
    private int[] ends = new int[0];
    private int rows;
    private int absentRows;
    private int width = UNKNOWN;
    private int elements;
    private long held;
    /** Elements of vectors that are absent; mostly none are. */
    private final BitSet gaps = new BitSet(0);

    PartColumn(String name, Kind kind) {
        this.name = name;
        this.kind = kind;
        texts = new String[kind == Kind.TEXT ? CAPACITY : 0];
        bytes = new byte[kind == Kind.BYTES ? CAPACITY : 0][];
        longs = new long[kind == Kind.LONG ? CAPACITY : 0];
        integers = new int[kind == Kind.INTEGER ? CAPACITY : 0];
        floats = new float[kind == Kind.FLOAT ? CAPACITY : 0];
        doubles = new double[kind == Kind.DOUBLE ? CAPACITY : 0];
        flags = new boolean[kind == Kind.FLAG ? CAPACITY : 0];
    }

    /** The column's name. */
    public String name() {
        return name;
    }

    /** What its values are. */
    public Kind kind() {
        return kind;
    }

    /** How many rows there are now. */
    public int rows() {
        return rows;
    }

    /** How many of them have no value. */
    public int absentRows() {
        return absentRows;
    }

    /** Whether a row has no value. */
    public boolean isAbsent(int row) {
        return absent[row];
    }

    /** Of a column of texts; equal neighbours are mostly the same object. */
    public @Nullable String[] texts() {
        return texts;
    }

    /** Of a column of bytes; a row's are one array. */
    public byte[] @Nullable [] bytes() {
        return bytes;
    }

    /** Of a column of longs. */
    public long[] longs() {
        return longs;
    }

    /** Of a column of integers. */
    public int[] integers() {
        return integers;
    }

    /** Of a column of doubles, one a row; of vectors of doubles, one vector after the other. */
    public double[] doubles() {
        return doubles;
    }

    /** Of a column of flags, one a row; of vectors of flags, one vector after the other. */
    public boolean[] flags() {
        return flags;
    }

    /** Of a column of floats, one a row; of vectors, one after the other: that of a row begins at {@link #start}. */
    public float[] floats() {
        return floats;
    }

    /** Where the vector of a row begins. */
    public int start(int row) {
        return width >= 0 ? row * width : row == 0 ? 0 : ends[row - 1];
    }

    /** Where the vector of a row ends. */
    public int end(int row) {
        return width >= 0 ? (row + 1) * width : ends[row];
    }

    /** The length of every row's vector; -1 if they differ, some are absent, or there is no row. */
    public int width() {
        return Math.max(width, VARYING);
    }

    int elements() {
        return elements;
    }

    /** How many bytes the values of a column of bytes have. */
    long held() {
        return held;
    }

    boolean isList() {
        return kind == Kind.FLOATS || kind == Kind.DOUBLES || kind == Kind.FLAGS;
    }

    /** Which elements of vectors are absent; what stands in their places is of no meaning. Only what Spark passed through has any. */
    BitSet gaps() {
        return gaps;
    }

    /** The element that {@link #addVectors} made room for is absent. */
    void addGap(int element) {
        vary();
        gaps.set(element);
    }

    void clear() {
        if (absentRows > 0) {
            Arrays.fill(absent, 0, rows, false);
        }
        rows = 0;
        absentRows = 0;
        width = UNKNOWN;
        elements = 0;
        held = 0;
        gaps.clear();
    }

    /** Adds a row of any kind. */
    void add(@Nullable Object value) {
        if (value == null) {
            addAbsent();
            return;
        }
        switch (kind) {
            case TEXT -> add((String) value);
            case BYTES -> add((byte[]) value);
            case LONG -> add(((Long) value).longValue());
            case INTEGER -> add(((Integer) value).intValue());
            case FLOAT -> add(((Float) value).floatValue());
            case DOUBLE -> add(((Double) value).doubleValue());
            case FLAG -> add(((Boolean) value).booleanValue());
            case FLOATS -> add((float[]) value);
            case DOUBLES -> add((double[]) value);
            case FLAGS -> add((boolean[]) value);
        }
    }

    /** Adds a row of a column of texts. */
    public void add(String value) {
        texts[rows] = value;
        addPresent(1);
    }

    /** Adds a row of a column of longs. */
    public void add(long value) {
        longs[rows] = value;
        addPresent(1);
    }

    /** Adds a row of a column of integers. */
    public void add(int value) {
        integers[rows] = value;
        addPresent(1);
    }

    /** Adds a row of a column of floats. */
    public void add(float value) {
        floats[rows] = value;
        addPresent(1);
    }

    void add(byte[] value) {
        bytes[rows] = value;
        held += value.length;
        addPresent(1);
    }

    /** Adds a row of a column of doubles. */
    public void add(double value) {
        doubles[rows] = value;
        addPresent(1);
    }

    void add(boolean value) {
        flags[rows] = value;
        addPresent(1);
    }

    /** Adds a row of a column of vectors. */
    public void add(float[] vector) {
        var at = addVectors(1, vector.length);
        System.arraycopy(vector, 0, floats, at, vector.length);
    }

    /** Adds a row of a column of vectors of doubles. */
    public void add(double[] vector) {
        var at = addVectors(1, vector.length);
        System.arraycopy(vector, 0, doubles, at, vector.length);
    }

    void add(boolean[] vector) {
        var at = addVectors(1, vector.length);
        System.arraycopy(vector, 0, flags, at, vector.length);
    }

    /** The value of a row, as {@link PartWriter#write} takes it. */
    public @Nullable Object value(int row) {
        if (absent[row]) {
            return null;
        }
        return switch (kind) {
            case TEXT -> texts[row];
            case BYTES -> bytes[row];
            case LONG -> longs[row];
            case INTEGER -> integers[row];
            case FLOAT -> floats[row];
            case DOUBLE -> doubles[row];
            case FLAG -> flags[row];
            case FLOATS -> Arrays.copyOfRange(floats, start(row), end(row));
            case DOUBLES -> Arrays.copyOfRange(doubles, start(row), end(row));
            case FLAGS -> Arrays.copyOfRange(flags, start(row), end(row));
        };
    }

    /** Adds rows whose values, not vectors, are there or are put there by the caller. */
    void addPresent(int count) {
        rows += count;
    }

    /** Adds a row without a value. */
    public void addAbsent() {
        if (isList()) {
            vary();
            ends[rows] = elements;
        }
        absent[rows] = true;
        rows++;
        absentRows++;
    }

    /** Adds vectors of one length; returns where the caller has to put their elements. */
    int addVectors(int count, int length) {
        if (width == UNKNOWN) {
            width = length;
        } else if (width != length) {
            vary();
        }
        var at = elements;
        if (width == VARYING) {
            for (var row = rows; row < rows + count; row++) {
                ends[row] = at + (row - rows + 1) * length;
            }
        }
        grow(count * length);
        addPresent(count);
        return at;
    }

    /** Makes the last vector longer; returns where the caller has to put the elements that are new. */
    int extendLast(int length) {
        vary();
        var at = elements;
        grow(length);
        ends[rows - 1] = elements;
        return at;
    }

    private void grow(int more) {
        var wanted = Math.addExact(elements, more);
        if (kind == Kind.FLOATS && floats.length < wanted) {
            floats = Arrays.copyOf(floats, capacity(wanted, more));
        } else if (kind == Kind.DOUBLES && doubles.length < wanted) {
            doubles = Arrays.copyOf(doubles, capacity(wanted, more));
        } else if (kind == Kind.FLAGS && flags.length < wanted) {
            flags = Arrays.copyOf(flags, capacity(wanted, more));
        }
        elements = wanted;
    }

    private static int capacity(int wanted, int more) {
        return Math.max(wanted, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(2L * wanted, 16L * more)));
    }

    private void vary() {
        if (width == VARYING) {
            return;
        }
        if (ends.length == 0) {
            ends = new int[CAPACITY];
        }
        for (var row = 0; row < rows; row++) {
            ends[row] = (row + 1) * width;
        }
        width = VARYING;
    }
}
