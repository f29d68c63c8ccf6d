package io.hindcast.track;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow's records, of which an event file consists: the length of the data in 8 bytes, the masked CRC-32C of these 8, the
 * data, and its masked CRC-32C; all numbers little-endian (tensorflow/core/lib/io/record_writer.h).
 */
final class RecordFraming {
    private static final int HEADER = 12;
    private static final int FOOTER = 4;
    private static final int MASK = 0xa282ead8;

    private RecordFraming() {}

    /** A record with this data. */
    static byte[] framed(byte[] data) {
        var record = ByteBuffer.allocate(HEADER + data.length + FOOTER).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(masked(record.array(), 8));
        record.put(data);
        record.putInt(masked(data, data.length));
        return record.array();
    }

    /** The data of the next record; null at the end, or if what follows is damaged or not there as a whole. */
    static byte @Nullable [] next(InputStream stream) throws IOException {
        var header = stream.readNBytes(HEADER);
        if (header.length < HEADER) {
            return null;
        }
        var numbers = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        var length = numbers.getLong();
        if (numbers.getInt() != masked(header, 8) || length < 0 || length > Integer.MAX_VALUE - FOOTER) {
            return null;
        }
        var data = stream.readNBytes((int) length);
        var footer = stream.readNBytes(FOOTER);
        var whole = data.length == length && footer.length == FOOTER;
        return whole && ByteBuffer.wrap(footer).order(ByteOrder.LITTLE_ENDIAN).getInt() == masked(data, data.length)
                ? data
                : null;
    }

    /** The CRC-32C of the first bytes, rotated right by 15 bits, plus a constant: so that data may hold CRCs itself. */
    static int masked(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }
}
