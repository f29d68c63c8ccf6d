package io.hindcast.source;

import io.hindcast.config.UserException;
import java.util.List;

/** JPEG images in an HDF5 file, one a row, as the numbers of their pixels. Keeps the last one. */
final class Hdf5Frames implements Hdf5Values {
    private interface Packed {
        byte[] bytes(long row);
    }

    private final String file;
    private final String path;
    private final long rows;
    private final int bandRows;
    private final long bandBytes;
    private final Packed packed;
    private final Jpeg jpeg;
    private final float[] frame;
    private long decoded = -1;

    /**
     * The array {@code child} of {@code group}: its rows are bytes of any length, or all of one.
     *
     * @param shape of the images, see {@link Jpeg}
     * @throws UserException if it is neither
     */
    Hdf5Frames(Hdf5File file, Hdf5File.Group group, String child, List<Integer> shape) {
        this.file = file.name();
        jpeg = new Jpeg(shape.stream().mapToInt(Integer::intValue).toArray());
        frame = new float[jpeg.size()];
        if (group.isBytes(child)) {
            var array = group.bytes(child);
            path = array.path();
            rows = array.rows();
            bandRows = array.bandRows();
            bandBytes = array.bandBytes();
            packed = array::bytes;
        } else {
            var array = group.dataset(child);
            path = array.path();
            rows = array.rows();
            bandRows = array.bandRows();
            bandBytes = array.bandBytes();
            packed = array::items;
            if (array.item().bytes() != 1 || !array.isWhole()) {
                throw refused("it holds no bytes of JPEG images, as metadata.json says; copy both again");
            }
        }
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public int columns() {
        return frame.length;
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
        decode(row);
        return frame[column];
    }

    @Override
    public long whole(long row, int column) {
        return (long) number(row, column);
    }

    @Override
    public void copy(long row, float[] into, int at) {
        decode(row);
        System.arraycopy(frame, 0, into, at, frame.length);
    }

    @Override
    public int bandRows() {
        return bandRows;
    }

    @Override
    public long bandBytes() {
        return bandBytes;
    }

    private void decode(long row) {
        if (row == decoded) {
            return;
        }
        decoded = -1;
        try {
            jpeg.decode(packed.bytes(row), frame, 0);
        } catch (Jpeg.Refused e) {
            throw refused("of row " + row + ": " + e.getMessage() + "; copy or save it again");
        }
        decoded = row;
    }

    private UserException refused(String reasonAndMend) {
        return new UserException("Cannot read array '" + path + "' of " + file + ": " + reasonAndMend);
    }
}
