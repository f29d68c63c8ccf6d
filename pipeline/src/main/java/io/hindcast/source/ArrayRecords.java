package io.hindcast.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.protobuf.CodedInputStream;

/**
 * The records of an ArrayRecord file, a file of Riegeli: chunks of records, not compressed or with zstd, which a header of 24 bytes
 * interrupts at every 64 KiB; the last 64 KiB say where the chunks of records end. Lengths are checked against the bytes that are
 * there, hashes are not.
 */
final class ArrayRecords implements Records {
    private static final byte[] SIGNATURE = {(byte) 0x83, (byte) 0xaf, 0x70, (byte) 0xd1, 0x0d, (byte) 0x88, 0x4a, 0x3f
    };
    private static final int BLOCK = 1 << 16;
    private static final int BLOCK_HEADER = 24;
    private static final int USABLE = BLOCK - BLOCK_HEADER;
    private static final int CHUNK_HEADER = 40;
    private static final long MOST = Integer.MAX_VALUE - 64;
    private static final long MAGIC = 0x71930e704fdae05eL;

    private final String file;
    private final SeekableBytes bytes;
    private final long size;
    private final Deque<byte[]> ready = new ArrayDeque<>();
    private final long end;
    private long position;

    /** @throws UserException if it is no whole file of this kind */
    ArrayRecords(String file, SeekableBytes bytes) {
        this.file = file;
        this.bytes = bytes;
        try {
            size = bytes.size();
            end = footer();
        } catch (IOException e) {
            throw Format.damaged(file, e);
        }
    }

    /** Whether {@code start} are the first bytes of such a file. */
    static boolean begins(byte[] start) {
        return start.length >= SIGNATURE.length
                && Arrays.equals(start, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    @Override
    public byte @Nullable [] next() {
        try {
            while (ready.isEmpty()) {
                if (position >= end) {
                    return null;
                }
                chunk();
            }
            return ready.remove();
        } catch (IOException e) {
            throw damaged(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }

    /** Where the chunks of records end, as the last block says. */
    private long footer() throws IOException {
        if (size < 2 * BLOCK || size % BLOCK != 0) {
            throw new UserException("Cannot read " + file + ": its " + size
                    + " bytes are no whole blocks as an array_record file has; the file is cut off, copy it again");
        }
        position = size - BLOCK;
        chunk();
        var postscript = ready.poll();
        ready.clear();
        position = 0;
        var offset = -1L;
        var magic = 0L;
        if (postscript != null) {
            var in = CodedInputStream.newInstance(postscript);
            for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case 8 -> offset = in.readUInt64();
                    case 16 -> magic = in.readUInt64();
                    default -> TfExample.skip(in, tag);
                }
            }
        }
        if (magic != MAGIC || offset < 0 || offset > size) {
            throw damaged("its last block does not say where its records end", null);
        }
        return offset;
    }

    /** Reads the chunk at {@link #position}, and moves on to the next. */
    private void chunk() throws IOException {
        var begin = position;
        var header = ByteBuffer.wrap(read(begin, CHUNK_HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        var length = header.getLong(8);
        var type = (char) header.get(24);
        var count = header.getLong(24) >>> 8;
        var decoded = header.getLong(32);
        if (length < 0 || length > size - begin || decoded < 0 || count > size) {
            throw damaged("a chunk claims more bytes than there are", null);
        }
        if (length > MOST || decoded > MOST) {
            throw new UserException("Cannot read " + file + ": a chunk of it has " + Math.max(length, decoded)
                    + " bytes, and one of 2 GB or more is not read; write shorter episodes");
        }
        var after = plus(begin, CHUNK_HEADER + length);
        position = Math.max(after, boundary(begin + count));
        switch (type) {
            case 'r' -> records(read(plus(begin, CHUNK_HEADER), (int) length), count, decoded);
            case 's', 'm', 'p' -> {} // the file's signature, what it says about itself, and padding
            case 't' ->
                throw new UserException("Cannot read " + file + ": it was written with transpose = true; write it again"
                        + " without, or with file_format = tfrecord");
            default -> throw damaged("it has a chunk of an unknown type", null);
        }
    }

    private void records(byte[] data, long count, long decoded) throws IOException {
        var in = CodedInputStream.newInstance(data, 1, Math.max(0, data.length - 1));
        if (data.length == 0) {
            throw damaged("a chunk is empty", null);
        }
        var sizesLength = in.readRawVarint64();
        var at = 1 + in.getTotalBytesRead();
        if (sizesLength < 0 || sizesLength > data.length - at) {
            throw damaged("a chunk claims more sizes than it has", null);
        }
        var values = at + (int) sizesLength;
        // A size takes one byte at least.
        var sizes = CodedInputStream.newInstance(unpacked(data, at, values, MOST));
        var all = unpacked(data, values, data.length, decoded);
        var from = 0;
        for (var i = 0L; i < count; i++) {
            var length = sizes.readRawVarint64();
            if (length < 0 || length > all.length - from) {
                throw damaged("its records are longer than their chunk", null);
            }
            ready.add(Arrays.copyOfRange(all, from, from + (int) length));
            from += (int) length;
        }
    }

    private byte[] unpacked(byte[] data, int from, int to, long most) throws IOException {
        switch (data[0]) {
            case 0 -> {
                return Arrays.copyOfRange(data, from, to);
            }
            case 'z' -> {
                var in = CodedInputStream.newInstance(data, from, to - from);
                var length = in.readRawVarint64();
                if (length < 0 || length > most) {
                    throw damaged("a chunk claims more bytes than its header says", null);
                }
                var at = from + in.getTotalBytesRead();
                try (var zstd = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(data, at, to - at))) {
                    var bytes = zstd.readNBytes((int) length);
                    if (bytes.length < length) {
                        throw damaged("a chunk has fewer bytes than it claims", null);
                    }
                    return bytes;
                }
            }
            default ->
                throw new UserException("Cannot read " + file + ": it is compressed with "
                        + (data[0] == 'b' ? "brotli" : data[0] == 's' ? "snappy" : "an unknown method")
                        + ", and only zstd, its writer's default, is read; write it again with zstd, or with file_format ="
                        + " tfrecord");
        }
    }

    /** Bytes of a chunk, without the headers of the blocks between them. */
    private byte[] read(long from, int length) throws IOException {
        // No byte more than is there may be asked for, whatever was claimed.
        if (plus(from, length) > size) {
            throw damaged("it ends within a chunk", null);
        }
        var read = new byte[length];
        var place = from;
        var done = 0;
        while (done < length) {
            if (place % BLOCK < BLOCK_HEADER) {
                place += BLOCK_HEADER - place % BLOCK;
            }
            var step = (int) Math.min(length - done, BLOCK - place % BLOCK);
            bytes.read(place, read, done, step);
            done += step;
            place += step;
        }
        return read;
    }

    /** The place after so many bytes from a place, with the block headers between. */
    private static long plus(long from, long length) {
        return from + length + (length + (from + USABLE - 1) % BLOCK) / USABLE * BLOCK_HEADER;
    }

    /** The first place from here on at which a chunk may begin. */
    private static long boundary(long place) {
        var left = BLOCK - 1 - (place + BLOCK - 1) % BLOCK;
        return place + Math.max(0, left - (USABLE - 1));
    }

    private UserException damaged(String what, @Nullable Throwable cause) {
        var message = "Cannot read " + file + ": " + what + "; the file is damaged, copy it again";
        return cause == null ? new UserException(message) : new UserException(message, cause);
    }
}
