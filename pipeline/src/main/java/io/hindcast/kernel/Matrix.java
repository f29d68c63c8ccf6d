package io.hindcast.kernel;

/**
 * Floats in columns: element (row, column) stands at {@code column * rows + row}. A sample is a column, so it is contiguous.
 * Where the floats live is the business of the {@link Kernels} that made the matrix, which also frees them.
 */
public interface Matrix {
    /** Entries of a column. */
    int rows();

    /** Number of columns. */
    int columns();

    /** Replaces everything by {@code rows * columns} floats of {@code source}, beginning at {@code from}. */
    void write(float[] source, int from);

    /** Copies everything into {@code target}, beginning at {@code from}. */
    void read(float[] target, int from);

    /** A matrix that shares {@code rows * columns} of these floats, beginning at {@code from}. */
    Matrix view(int from, int rows, int columns);

    /** The same floats, as weights of what a network is given: see {@link Precision#BFLOAT16_HIDDEN}. */
    Matrix entry();

    /** Whether it is one of {@link #entry}. */
    boolean isEntry();
}
