package io.hindcast.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Counts the bytes that pass and remembers the last ones: a zip archive that is read from the front shows only there whether
 * it is whole.
 */
final class TailInputStream extends FilterInputStream {
    private static final int END_RECORD = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int ENTRIES_AT = 10;

    private final byte[] tail = new byte[END_RECORD];
    private long count;

    TailInputStream(InputStream in) {
        super(in);
    }

    /** How many bytes have passed. */
    long count() {
        return count;
    }

    /** Reads to the end and returns how many entries the archive says it has; -1 if it does not end like an archive. */
    int countInEndRecord() throws IOException {
        transferTo(OutputStream.nullOutputStream());
        var end = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN);
        return end.getInt(0) == END_SIGNATURE ? Short.toUnsignedInt(end.getShort(ENTRIES_AT)) : -1;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        var read = in.read(buffer, offset, length);
        if (read <= 0) {
            return read;
        }
        count += read;
        var kept = Math.min(read, END_RECORD);
        System.arraycopy(tail, kept, tail, 0, END_RECORD - kept);
        System.arraycopy(buffer, offset + read - kept, tail, END_RECORD - kept, kept);
        return read;
    }

    @Override
    public long skip(long n) throws IOException {
        var skipped = 0L;
        while (skipped < n && read() >= 0) {
            skipped++;
        }
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
