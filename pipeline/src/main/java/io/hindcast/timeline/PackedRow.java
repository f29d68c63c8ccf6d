package io.hindcast.timeline;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row as it lies in a block, where it begins at a place {@code at}:
 *
 * <pre>
 * length of all | hash of the key | number | row | file | length of the key, -1 without one | 1 with a fine
 * key | fine, three numbers | {@link LoggedRowBytes}
 * </pre>
 *
 * A file stands for its name by its place in a list. Blocks are little-endian and on the heap.
 */
@SuppressWarnings("ByteBufferBackingArray") // blocks are arrays that were wrapped or allocated as a whole
final class PackedRow {
    private static final int HASH = 4;
    private static final int NUMBER = 8;
    private static final int ROW = 16;
    private static final int FILE = 24;
    private static final int KEY_LENGTH = 28;
    private static final int FINE = 32;
    private static final int KEY = 33;
    private static final int FINE_BYTES = 3 * Long.BYTES;

    private PackedRow() {}

    /** No more bytes than it takes. */
    static int most(LoggedRow row, byte @Nullable [] key) {
        return Math.addExact(KEY + FINE_BYTES + (key == null ? 0 : key.length), LoggedRowBytes.most(row));
    }

    /** Appends a row to a block. */
    static void put(ByteBuffer out, LoggedRow row, byte @Nullable [] key, int hash, int file, RowOrder order) {
        var at = out.position();
        var fine = order.fine(row);
        out.putInt(0).putInt(hash).putLong(order.number(row)).putLong(row.row()).putInt(file);
        out.putInt(key == null ? -1 : key.length).put((byte) (fine == null ? 0 : 1));
        if (key != null) {
            out.put(key);
        }
        if (fine != null) {
            out.putLong(RowOrder.ordered(fine.rest()))
                    .putLong(RowOrder.ordered(fine.tie()))
                    .putLong(RowOrder.ordered(fine.tieRest()));
        }
        LoggedRowBytes.put(out, row, order.episode(row));
        out.putInt(at, out.position() - at);
    }

    /** How many bytes it takes. */
    static int length(ByteBuffer block, int at) {
        return block.getInt(at);
    }

    static int hash(ByteBuffer block, int at) {
        return block.getInt(at + HASH);
    }

    static long number(ByteBuffer block, int at) {
        return block.getLong(at + NUMBER);
    }

    static long row(ByteBuffer block, int at) {
        return block.getLong(at + ROW);
    }

    static int file(ByteBuffer block, int at) {
        return block.getInt(at + FILE);
    }

    static void setFile(ByteBuffer block, int at, int file) {
        block.putInt(at + FILE, file);
    }

    /** A copy of the key, null if there is none. */
    static byte @Nullable [] key(ByteBuffer block, int at) {
        var length = block.getInt(at + KEY_LENGTH);
        return length < 0 ? null : Arrays.copyOfRange(block.array(), at + KEY, at + KEY + length);
    }

    /** Whether that is its key, null if it has none. */
    static boolean hasKey(ByteBuffer block, int at, byte @Nullable [] key) {
        var length = block.getInt(at + KEY_LENGTH);
        return key == null
                ? length < 0
                : length == key.length && Arrays.equals(block.array(), at + KEY, at + KEY + length, key, 0, length);
    }

    /** By key; a row without one comes first. */
    static int compareKeys(ByteBuffer block, int at, ByteBuffer other, int otherAt) {
        var length = block.getInt(at + KEY_LENGTH);
        var otherLength = other.getInt(otherAt + KEY_LENGTH);
        return length < 0 || otherLength < 0
                ? Integer.compare(length, otherLength)
                : Arrays.compareUnsigned(
                        block.array(),
                        at + KEY,
                        at + KEY + length,
                        other.array(),
                        otherAt + KEY,
                        otherAt + KEY + otherLength);
    }

    /** By all that comes after the key. */
    static int compareWithin(RowOrder order, FileNames files, ByteBuffer block, int at, ByteBuffer other, int otherAt) {
        var byFile = files.compare(file(block, at), file(other, otherAt));
        if (byFile != 0 && order.isFileFirst()) {
            return byFile;
        }
        var compared = Long.compare(number(block, at), number(other, otherAt));
        if (compared == 0) {
            compared = compareFine(block, at, other, otherAt);
        }
        if (compared == 0) {
            compared = byFile;
        }
        return compared != 0 ? compared : Long.compare(row(block, at), row(other, otherAt));
    }

    /** By what the numbers leave out; nothing comes before something. */
    private static int compareFine(ByteBuffer block, int at, ByteBuffer other, int otherAt) {
        var has = block.get(at + FINE);
        var compared = Byte.compare(has, other.get(otherAt + FINE));
        if (compared != 0 || has == 0) {
            return compared;
        }
        var fine = at + KEY + keyBytes(block, at);
        var otherFine = otherAt + KEY + keyBytes(other, otherAt);
        for (var i = 0; i < FINE_BYTES && compared == 0; i += Long.BYTES) {
            compared = Long.compare(block.getLong(fine + i), other.getLong(otherFine + i));
        }
        return compared;
    }

    /** The row itself. */
    static LoggedRow unpack(ByteBuffer block, int at, @Nullable String episode, String file) {
        var bytes = at + KEY + keyBytes(block, at) + (block.get(at + FINE) == 0 ? 0 : FINE_BYTES);
        return LoggedRowBytes.row(episode, file, row(block, at), block.position(bytes));
    }

    private static int keyBytes(ByteBuffer block, int at) {
        return Math.max(0, block.getInt(at + KEY_LENGTH));
    }
}
