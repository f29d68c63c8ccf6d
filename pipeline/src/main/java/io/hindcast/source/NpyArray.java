package io.hindcast.source;

import io.hindcast.config.UserException;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** One array of an npz file: numbers in row-major order, kept as the file's bytes and converted when asked for. */
public final class NpyArray {
    private final String file;
    private final String name;
    private final NpyHeader header;
    private final ByteBuffer bytes;

    NpyArray(String file, String name, NpyHeader header, byte[] bytes) {
        this.file = file;
        this.name = name;
        this.header = header;
        this.bytes = ByteBuffer.wrap(header.fortranOrder() ? rowMajor(bytes, header) : bytes)
                .order(header.byteOrder());
    }

    /** What it is called in its file, without {@code .npy}. */
    public String name() {
        return name;
    }

    /** Its extents, outermost first; empty for a single number. */
    public int[] shape() {
        return header.shape().clone();
    }

    /** The outermost extent; 1 for a single number. */
    public int rows() {
        return header.shape().length == 0 ? 1 : header.shape()[0];
    }

    /** How many numbers it holds, the product of {@link #shape}. */
    public int size() {
        return header.count();
    }

    /**
     * All numbers, {@code [size]} in row-major order; booleans are 0 and 1.
     *
     * @throws UserException if an unsigned number does not fit a long
     */
    public double[] doubles() {
        var values = new double[size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = real(i);
        }
        return values;
    }

    /** {@link #doubles} rounded to floats. */
    public float[] floats() {
        var values = new float[size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = (float) real(i);
        }
        return values;
    }

    /**
     * All numbers, {@code [size]} in row-major order; booleans are 0 and 1.
     *
     * @throws UserException if one is not a whole number that fits a long
     */
    public long[] longs() {
        var values = new long[size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = whole(i);
        }
        return values;
    }

    /** One number with all its digits: a {@link Double}, a {@link Long}, or a {@link BigInteger} above all longs. */
    Number number(int i) {
        if (header.type() == NpyHeader.Type.U8 && bytes.getLong(8 * i) < 0) {
            return new BigInteger(Long.toUnsignedString(bytes.getLong(8 * i)));
        }
        return switch (header.type()) {
            case F2, F4, F8 -> real(i);
            default -> (Number) whole(i);
        };
    }

    /** A row's numbers as floats, in row-major order. */
    float[] vector(int row) {
        var vector = new float[size() / rows()];
        for (var i = 0; i < vector.length; i++) {
            vector[i] = (float) real(row * vector.length + i);
        }
        return vector;
    }

    private double real(int i) {
        return switch (header.type()) {
            case F2 -> half(bytes.getShort(2 * i));
            case F4 -> bytes.getFloat(4 * i);
            case F8 -> bytes.getDouble(8 * i);
            default -> whole(i);
        };
    }

    private long whole(int i) {
        return switch (header.type()) {
            case F2, F4, F8 -> exact(i);
            case I1 -> bytes.get(i);
            case I2 -> bytes.getShort(2 * i);
            case I4 -> bytes.getInt(4 * i);
            case I8 -> bytes.getLong(8 * i);
            case U1 -> Byte.toUnsignedLong(bytes.get(i));
            case U2 -> Short.toUnsignedLong(bytes.getShort(2 * i));
            case U4 -> Integer.toUnsignedLong(bytes.getInt(4 * i));
            case U8 -> signed(i);
            case B1 -> bytes.get(i) == 0 ? 0 : 1;
        };
    }

    /** An IEEE number of 16 bits. */
    private static double half(short bits) {
        var exponent = bits >> 10 & 0x1f;
        var fraction = bits & 0x3ff;
        var magnitude = exponent == 0
                ? fraction * 0x1p-24
                : exponent < 31
                        ? Math.scalb(1 + fraction * 0x1p-10, exponent - 15)
                        : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        return bits < 0 ? -magnitude : magnitude;
    }

    private long exact(int i) {
        var value = real(i);
        if (value != Math.rint(value) || Math.abs(value) >= 0x1p63) {
            throw new UserException("Cannot read array '" + name + "' of " + file + " as whole numbers: number " + i
                    + " is " + value + "; save it as integers");
        }
        return (long) value;
    }

    private long signed(int i) {
        var value = bytes.getLong(8 * i);
        if (value < 0) {
            throw new UserException("Cannot read array '" + name + "' of " + file + ": number " + i + " is "
                    + Long.toUnsignedString(value) + ", above 2^63 - 1; save it as floats");
        }
        return value;
    }

    /** The same numbers with the last index fastest instead of the first. */
    private static byte[] rowMajor(byte[] columnMajor, NpyHeader header) {
        var shape = header.shape();
        var item = header.type().bytes();
        var result = new byte[columnMajor.length];
        for (var to = 0; to < header.count(); to++) {
            var from = 0;
            var rest = to;
            var stride = header.count();
            for (var axis = shape.length - 1; axis >= 0; axis--) {
                stride /= shape[axis];
                from += rest % shape[axis] * stride;
                rest /= shape[axis];
            }
            System.arraycopy(columnMajor, from * item, result, to * item, item);
        }
        return result;
    }
}
