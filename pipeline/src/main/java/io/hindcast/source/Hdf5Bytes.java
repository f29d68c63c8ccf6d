package io.hindcast.source;

import io.hindcast.config.UserException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Rows of bytes in an HDF5 file: texts, or bytes of any length a row, which lie in heaps beside the array. */
final class Hdf5Bytes {
    /** A heap begins with its size and holds objects one after the other, each after 16 bytes of its own. */
    private static final int HEAD = 16;
    /** A heap is about as long as the longest of its objects; no packed image is longer. */
    private static final int LONGEST_HEAP = 64 << 20;

    private final Hdf5File file;
    private final Hdf5Dataset array;
    private long loaded = -1;
    private ByteBuffer heap = ByteBuffer.allocate(0);

    /** @throws UserException if a row of {@code array} has more than one item */
    Hdf5Bytes(Hdf5File file, Hdf5Dataset array) {
        this.file = file;
        this.array = array;
        if (array.columns() != 1) {
            throw refused("its rows have " + array.columns() + " items where one is expected; save it again");
        }
    }

    String path() {
        return array.path();
    }

    long rows() {
        return array.rows();
    }

    /** Whether its bytes are text by their type. */
    boolean isText() {
        return !(array.item() instanceof Hdf5Item.Reference any) || any.isText();
    }

    int bandRows() {
        return array.bandRows();
    }

    long bandBytes() {
        return array.bandBytes();
    }

    byte[] bytes(long row) {
        return file.guarded(() -> {
            var item = array.items(row);
            if (!(array.item() instanceof Hdf5Item.Reference)) {
                return item;
            }
            var reference = ByteBuffer.wrap(item).order(ByteOrder.LITTLE_ENDIAN);
            return object(row, reference.getLong(4), reference.getInt(12), Integer.toUnsignedLong(reference.getInt(0)));
        });
    }

    /** A row's text, of one of fixed length without what fills it up. */
    String text(long row) {
        var bytes = bytes(row);
        var end = bytes.length;
        while (end > 0 && (bytes[end - 1] == 0)) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    private byte[] object(long row, long address, int index, long length) {
        if (length == 0) {
            return new byte[0];
        }
        load(row, address);
        for (var at = HEAD; at + HEAD <= heap.capacity(); ) {
            var found = Short.toUnsignedInt(heap.getShort(at));
            var size = heap.getLong(at + 8);
            if (size < 0 || size > heap.capacity() - at - HEAD) {
                break;
            }
            if (found == index && index != 0) {
                if (length > size) {
                    break;
                }
                return Arrays.copyOfRange(heap.array(), at + HEAD, at + HEAD + (int) length);
            }
            if (found == 0) {
                break; // the rest is free
            }
            at += HEAD + (int) ((size + 7) / 8 * 8);
        }
        throw damaged(row);
    }

    private void load(long row, long address) {
        if (address == loaded) {
            return;
        }
        loaded = -1;
        heap = ByteBuffer.allocate(0);
        var head = ByteBuffer.wrap(file.storage().data(address, HEAD)).order(ByteOrder.LITTLE_ENDIAN);
        var size = head.getLong(8);
        if (!"GCOL".equals(new String(head.array(), 0, 4, StandardCharsets.ISO_8859_1))
                || size < HEAD
                || size > LONGEST_HEAP) {
            throw damaged(row);
        }
        heap = ByteBuffer.wrap(file.storage().data(address, (int) size)).order(ByteOrder.LITTLE_ENDIAN);
        loaded = address;
    }

    private UserException damaged(long row) {
        return refused("the bytes of row " + row + " are not where they must be; copy or save it again");
    }

    private UserException refused(String reasonAndMend) {
        return new UserException("Cannot read array '" + path() + "' of " + file.name() + ": " + reasonAndMend);
    }
}
