package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a TFRecord file: each a length (64 bits, little-endian), the length's masked CRC32C, the bytes, and their masked
 * CRC32C. The file may be compressed as a whole with gzip or zlib, whatever its name says. Memory grows with the bytes that are
 * there, not with a length that is claimed.
 */
final class TfRecords implements Records {
    private static final int HEADER = 12;
    private static final int MASK_DELTA = 0xa282ead8;

    private final String name;
    private final InputStream in;
    private long count;

    /** @throws UserException if it begins as no such file does */
    TfRecords(String name, InputStream raw) {
        this.name = name;
        try {
            in = plain(new BufferedInputStream(raw, 1 << 16));
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    /** Whether {@code start} are the first bytes of an uncompressed TFRecord file. */
    static boolean begins(byte[] start) {
        return start.length >= HEADER && crc(start, 0, 8) == ints(start).getInt(8);
    }

    private static InputStream plain(BufferedInputStream raw) throws IOException {
        raw.mark(HEADER);
        var start = raw.readNBytes(HEADER);
        raw.reset();
        if (begins(start) || start.length < 2) {
            return raw;
        }
        if (start[0] == 0x1f && start[1] == (byte) 0x8b) {
            return new BufferedInputStream(new GZIPInputStream(raw), 1 << 16);
        }
        var isZlib = (start[0] & 0x0f) == 8 && ((start[0] & 0xff) * 256 + (start[1] & 0xff)) % 31 == 0;
        return isZlib ? new BufferedInputStream(new InflaterInputStream(raw), 1 << 16) : raw;
    }

    @Override
    public byte @Nullable [] next() {
        try {
            var header = in.readNBytes(HEADER);
            if (header.length == 0) {
                return null;
            }
            if (header.length < HEADER) {
                throw cut();
            }
            if (!begins(header)) {
                throw new UserException("Cannot read " + name + ": "
                        + (count == 0
                                ? "it does not begin as a TFRecord file does; check format"
                                : "the length of record " + count + " does not fit its checksum; copy the file again"));
            }
            var length = ints(header).getLong(0);
            if (length < 0 || length > Integer.MAX_VALUE - 64) {
                throw new UserException("Cannot read " + name + ": record " + count + " has "
                        + Long.toUnsignedString(length)
                        + " bytes, and one of 2 GB or more is not read; write shorter episodes");
            }
            var record = in.readNBytes((int) length);
            var check = in.readNBytes(4);
            if (record.length < length || check.length < 4) {
                throw cut();
            }
            if (crc(record, 0, record.length) != ints(check).getInt(0)) {
                throw new UserException("Cannot read " + name + ": the bytes of record " + count
                        + " do not fit their checksum; copy the file again");
            }
            count++;
            return record;
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private UserException cut() {
        return new UserException(
                "Cannot read " + name + ": it ends within record " + count + "; the file is cut off, copy it again");
    }

    private static int crc(byte[] bytes, int from, int length) {
        var crc = new CRC32C();
        crc.update(bytes, from, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    private static ByteBuffer ints(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
