package io.hindcast.source;

/** Whole numbers of an HDF5 file spread over entries of 0 and 1. */
record Hdf5OneHot(Hdf5Values numbers, OneHot spread) implements Hdf5Values {
    @Override
    public String path() {
        return numbers.path();
    }

    @Override
    public long rows() {
        return numbers.rows();
    }

    @Override
    public int columns() {
        return spread.entries();
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public boolean isUnsigned() {
        return false;
    }

    @Override
    public double number(long row, int column) {
        return entries(row)[column];
    }

    @Override
    public long whole(long row, int column) {
        return (long) number(row, column);
    }

    @Override
    public void copy(long row, float[] into, int at) {
        System.arraycopy(entries(row), 0, into, at, columns());
    }

    @Override
    public int bandRows() {
        return numbers.bandRows();
    }

    @Override
    public long bandBytes() {
        return numbers.bandBytes();
    }

    private float[] entries(long row) {
        var values = new float[numbers.columns()];
        numbers.copy(row, values, 0);
        return spread.entries(values);
    }
}
