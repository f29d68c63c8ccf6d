package io.hindcast.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.util.CleanerUtil;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats in a file of its own that is read through memory mapping, for datasets larger than the heap. It is written chunk
 * by chunk, each in turn a window on the heap, and read when it is sealed. The file has no name once it is there, so that nobody
 * can cut it and nothing stays when the process is killed.
 */
final class MappedRows implements AutoCloseable {
    private static final int MAPPED_AT_ONCE = 1 << 30;

    private final FileChannel file;
    private final int stride;
    private final int chunkRows;
    private final long rows;
    private final int segmentBits;
    private final ByteBuffer transfer;

    // Two windows: folding steps looks from a row to rows of the chunk behind it.
    private final Window[] windows = {new Window(), new Window()};
    private int newest;
    private boolean sealed;
    private FloatBuffer[] segments = {};
    private MappedByteBuffer[] mappings = {};

    private static final class Window {
        private int chunk = -1;
        private float @Nullable [] values;
    }

    /**
     * A file for {@code rows} rows.
     *
     * @throws UncheckedIOException if there is no such directory, or no place in it
     */
    MappedRows(Path directory, long rows, int stride, int chunkRows) {
        this.rows = rows;
        this.stride = stride;
        this.chunkRows = chunkRows;
        var bits = 0;
        while ((2L << bits) * stride * Float.BYTES <= MAPPED_AT_ONCE) {
            bits++;
        }
        segmentBits = bits;
        transfer = ByteBuffer.allocateDirect(chunkRows * stride * Float.BYTES).order(ByteOrder.nativeOrder());
        try {
            var path = Files.createTempFile(directory, "hindcast-rows-", ".floats");
            file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            // Where an open file can be removed, it goes now, else when it is closed.
            if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write training data to " + directory, e);
        }
    }

    /** The rows of a chunk, to be read and changed; what is changed stays. Not for several threads. */
    float[] window(int chunk) {
        for (var i = 0; i < windows.length; i++) {
            var values = windows[i].values;
            if (windows[i].chunk == chunk && values != null) {
                newest = i;
                return values;
            }
        }
        newest = 1 - newest;
        var window = windows[newest];
        flush(window);
        var values = window.values == null ? new float[chunkRows * stride] : window.values;
        window.values = values;
        window.chunk = chunk;
        try {
            var at = position(chunk);
            if (at < file.size()) {
                transfer.clear().limit(bytes(chunk));
                var read = 0;
                while (transfer.hasRemaining() && read >= 0) {
                    read = file.read(transfer, at + transfer.position());
                }
                transfer.flip();
                transfer.asFloatBuffer().get(values, 0, transfer.remaining() / Float.BYTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read training data back", e);
        }
        return values;
    }

    private void flush(Window window) {
        var values = window.values;
        if (window.chunk < 0 || values == null) {
            return;
        }
        transfer.clear().limit(bytes(window.chunk));
        transfer.asFloatBuffer().put(values, 0, transfer.limit() / Float.BYTES);
        try {
            while (transfer.hasRemaining()) {
                file.write(transfer, position(window.chunk) + transfer.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot write " + rows * stride * Float.BYTES / (1 << 20) + " MB of training data to a local disk",
                    e);
        }
    }

    private long position(int chunk) {
        return (long) chunk * chunkRows * stride * Float.BYTES;
    }

    private int bytes(int chunk) {
        return (int) Math.min(chunkRows, rows - (long) chunk * chunkRows) * stride * Float.BYTES;
    }

    /** Makes the rows readable by any number of threads; no more changes. */
    void seal() {
        if (sealed) {
            return;
        }
        for (var window : windows) {
            flush(window);
            window.values = null;
            window.chunk = -1;
        }
        var segmentRows = 1L << segmentBits;
        var count = (int) ((rows + segmentRows - 1) / segmentRows);
        mappings = new MappedByteBuffer[count];
        segments = new FloatBuffer[count];
        try {
            for (var s = 0; s < count; s++) {
                var from = s * segmentRows;
                var length = Math.min(segmentRows, rows - from) * stride * Float.BYTES;
                mappings[s] = file.map(MapMode.READ_ONLY, from * stride * Float.BYTES, length);
                segments[s] = mappings[s].order(ByteOrder.nativeOrder()).asFloatBuffer();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot map training data into memory", e);
        }
        sealed = true;
    }

    /** Where a sealed row is found: at {@link #place} of this. */
    FloatBuffer segment(int row) {
        return segments[row >>> segmentBits];
    }

    /** The first float of a row in its segment. */
    int place(int row) {
        return (row & ((1 << segmentBits) - 1)) * stride;
    }

    /** Gives file and memory back; nobody may read any more. */
    @Override
    public void close() {
        segments = new FloatBuffer[0];
        try {
            for (var mapping : mappings) {
                if (CleanerUtil.UNMAP_SUPPORTED) {
                    CleanerUtil.getCleaner().freeBuffer(mapping);
                }
            }
            mappings = new MappedByteBuffer[0];
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close training data", e);
        }
    }
}
