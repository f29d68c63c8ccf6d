package io.hindcast.source;

import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import java.nio.ByteOrder;

/** What an array of an HDF5 file is made of. */
sealed interface Hdf5Item permits Hdf5Number, Hdf5Item.Text, Hdf5Item.Reference {
    /** How many bytes an item takes in the array. */
    int bytes();

    ByteOrder order();

    /** A text, or bytes, of one length for all. */
    record Text(int bytes) implements Hdf5Item {
        @Override
        public ByteOrder order() {
            return ByteOrder.LITTLE_ENDIAN;
        }
    }

    /** Bytes of any length that lie in a heap: their number (4 bytes), the address of the heap (8), their place in it (4). */
    record Reference(boolean isText) implements Hdf5Item {
        @Override
        public int bytes() {
            return 16;
        }

        @Override
        public ByteOrder order() {
            return ByteOrder.LITTLE_ENDIAN;
        }
    }

    /** A type that is not read as it was asked for: why, and how to mend it. */
    final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String reasonAndMend) {
            super(reasonAndMend);
        }
    }

    /** Texts and bytes of {@code type}. */
    static Hdf5Item ofBytes(DataType type) throws Refused {
        if (type instanceof StringData && type.getSize() >= 1 && type.getSize() <= 1 << 16) {
            return new Text(type.getSize());
        }
        if (type instanceof VariableLength any
                && type.getSize() == 16
                && (any.isVariableLengthString() || any.getParent().getSize() == 1)) {
            return new Reference(any.isVariableLengthString());
        }
        throw new Refused("it holds " + named(type) + ", not texts; copy or save it again");
    }

    /** What arrays of {@code type} hold, for who reads the message. */
    static String named(DataType type) {
        return switch (type.getDataClass()) {
            case 0, 1 -> "numbers";
            case 2 -> "times of HDF5's own";
            case 3 -> "texts";
            case 4 -> "bit fields";
            case 5 -> "opaque bytes";
            case 6 -> "compounds of several fields";
            case 7 -> "references to other objects";
            case 8 -> "an enumeration";
            case 9 ->
                type instanceof VariableLength any && any.isVariableLengthString()
                        ? "texts"
                        : type instanceof VariableLength bytes
                                        && bytes.getParent().getSize() == 1
                                ? "bytes of any length a row, as packed images are"
                                : "lists of any length a row";
            case 10 -> "arrays in an array";
            default -> "items of HDF5 type class " + type.getDataClass();
        };
    }
}
