package io.hindcast.source;

import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * How an HDF5 file stores a number.
 *
 * @param kind what the bytes mean
 * @param order how they are ordered
 */
record Hdf5Number(Kind kind, ByteOrder order) implements Hdf5Item {
    /** Kinds of numbers; the digit is their size in bytes. A boolean is I1: h5py stores it as an enumeration of 0 and 1. */
    enum Kind {
        F2,
        F4,
        F8,
        I1,
        I2,
        I4,
        I8,
        U1,
        U2,
        U4,
        U8;

        int bytes() {
            return name().charAt(1) - '0';
        }
    }

    @Override
    public int bytes() {
        return kind.bytes();
    }

    boolean isWhole() {
        return kind.name().charAt(0) != 'F';
    }

    /** How {@code type} stores numbers. */
    static Hdf5Number of(DataType type) throws Refused {
        if (type instanceof FloatingPoint real) {
            return new Hdf5Number(real(real), real.getByteOrder());
        }
        if (type instanceof FixedPoint whole) {
            return new Hdf5Number(whole(whole), whole.getByteOrder());
        }
        if (type instanceof EnumDataType words && words.getBaseType() instanceof FixedPoint base) {
            if (base.getSize() != 1 || !words.getEnumMapping().equals(Map.of(0, "FALSE", 1, "TRUE"))) {
                throw new Refused("it is an enumeration that is no boolean; save its numbers");
            }
            return new Hdf5Number(Kind.I1, base.getByteOrder());
        }
        throw new Refused("it holds " + Hdf5Item.named(type)
                + ", not numbers; leave it out, and name arrays of numbers in columns");
    }

    private static Kind real(FloatingPoint type) throws Refused {
        for (var layout : new int[][] {{2, 5, 10, 15}, {4, 8, 23, 127}, {8, 11, 52, 1023}}) {
            var bits = 8 * layout[0];
            if (type.getSize() == layout[0]
                    && type.getBitOffset() == 0
                    && type.getBitPrecision() == bits
                    && type.getSignLocation() == bits - 1
                    && type.getExponentLocation() == layout[2]
                    && type.getExponentSize() == layout[1]
                    && type.getMantissaLocation() == 0
                    && type.getMantissaSize() == layout[2]
                    && type.getMantissaNormalization() == 2
                    && type.getExponentBias() == layout[3]) {
                return Kind.valueOf("F" + layout[0]);
            }
        }
        throw new Refused("its floating-point type of " + type.getSize()
                + " bytes is not one of float16, float32 and float64;" + " save it as float32");
    }

    private static Kind whole(FixedPoint type) throws Refused {
        var size = type.getSize();
        if ((size != 1 && size != 2 && size != 4 && size != 8)
                || type.getBitOffset() != 0
                || type.getBitPrecision() != 8 * size) {
            throw new Refused("its integers of " + type.getBitPrecision() + " bits in " + size
                    + " bytes are not one of int8 to int64 and uint8 to uint64; save it as one of these");
        }
        return Kind.valueOf((type.isSigned() ? "I" : "U") + size);
    }

    /** Number {@code index} of {@code data}, whose order is {@link #order}. */
    double at(ByteBuffer data, int index) {
        return switch (kind) {
            case F2 -> FloatingPoint.toFloat(data.getShort(2 * index));
            case F4 -> data.getFloat(4 * index);
            case F8 -> data.getDouble(8 * index);
            case I1 -> data.get(index);
            case I2 -> data.getShort(2 * index);
            case I4 -> data.getInt(4 * index);
            case I8 -> data.getLong(8 * index);
            case U1 -> Byte.toUnsignedInt(data.get(index));
            case U2 -> Short.toUnsignedInt(data.getShort(2 * index));
            case U4 -> Integer.toUnsignedLong(data.getInt(4 * index));
            case U8 -> unsigned(data.getLong(8 * index));
        };
    }

    /** Number {@code index} of {@code data}, which is a whole one, to the last digit. */
    long wholeAt(ByteBuffer data, int index) {
        return switch (kind) {
            case I8, U8 -> data.getLong(8 * index);
            default -> (long) at(data, index);
        };
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }
}
