package io.hindcast.kernel;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/** A matrix outside the Java heap, of zeros at first. */
final class OffHeap implements Matrix {
    final int rows;
    final int columns;
    final FloatPointer pointer;
    private final boolean isEntry;
    /** Itself, or of an {@link #entry} what it is another handle of: they share the rounded copy. */
    final OffHeap same;

    private final FloatBuffer buffer;
    private final OffHeapMemory memory;

    /** The products prepared for this output, see {@link OneDnn}. */
    final List<OneDnn.Prepared> prepared = new ArrayList<>(1);

    /** What was prepared for this output, and its rounded copy, see {@link RoundedProducts}. */
    final List<RoundedProducts.Prepared> products = new ArrayList<>(1);

    RoundedProducts.@Nullable Copy rounded;

    /** How often the memory was written, which views share. */
    private final long[] version;

    /** The weights from the input {@link #partFrom} on, where only those inputs' gradients are asked for. */
    @Nullable OffHeap part;

    int partFrom;

    OffHeap(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        memory = new OffHeapMemory((long) rows * columns);
        pointer = memory.floats();
        buffer = pointer.asBuffer();
        version = new long[1];
        isEntry = false;
        same = this;
    }

    private OffHeap(OffHeap whole, int from, int rows, int columns, boolean isEntry) {
        this.rows = rows;
        this.columns = columns;
        memory = whole.memory;
        // By address, not by position: oneDNN's void pointers would count a position in bytes.
        pointer = whole.pointer.getPointer(from);
        buffer = whole.buffer.slice(from, rows * columns);
        version = whole.version;
        this.isEntry = isEntry;
        same = from == 0 && rows == whole.rows && columns == whole.columns ? whole.same : this;
    }

    int size() {
        return rows * columns;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void write(float[] source, int from) {
        buffer.put(0, source, from, size());
        changed();
    }

    @Override
    public void read(float[] target, int from) {
        buffer.get(0, target, from, size());
    }

    @Override
    public Matrix view(int from, int viewRows, int viewColumns) {
        return new OffHeap(this, from, viewRows, viewColumns, isEntry);
    }

    @Override
    public Matrix entry() {
        return new OffHeap(this, 0, rows, columns, true);
    }

    @Override
    public boolean isEntry() {
        return isEntry;
    }

    /** Copies {@code n} floats from {@code at} on to the front of {@code target}. */
    void get(int at, float[] target, int n) {
        buffer.get(at, target, 0, n);
    }

    /** Copies the first {@code n} floats of {@code source} to {@code at}. */
    void put(int at, float[] source, int n) {
        buffer.put(at, source, 0, n);
        changed();
    }

    /** Has to be called after a library has written to {@link #pointer}. */
    void changed() {
        version[0]++;
    }

    /** Another number whenever the memory may have changed. */
    long version() {
        return version[0];
    }

    /** Frees the memory, views included. */
    void free() {
        memory.free();
    }
}
