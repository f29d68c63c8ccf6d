package io.hindcast.source;

/** Rows of numbers in an HDF5 file, {@code [rows, columns]}. */
interface Hdf5Values {
    /** Where they are, for messages. */
    String path();

    long rows();

    /** Numbers in a row. */
    int columns();

    /** Whether every number is a whole one by its type. */
    boolean isWhole();

    /** Whether {@link #whole} is to be read as unsigned. */
    boolean isUnsigned();

    /** Number {@code column} of a row. */
    double number(long row, int column);

    /** The same to the last digit, where {@link #isWhole}. */
    long whole(long row, int column);

    /** Copies a row to {@code into}, from {@code at}. */
    void copy(long row, float[] into, int at);

    /** How many rows are unpacked together. */
    int bandRows();

    /** How many bytes are unpacked together. */
    long bandBytes();
}
