package io.hindcast.timeline;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The rows of some {@link RowBlocks}, in order. Blocks stay as they came, and only numbers are sorted: rows are dealt out to their
 * keys, and those of a key sorted by their numbers. What does not fit in memory goes to disk, sorted, and is merged.
 */
public final class OrderedRows implements Iterator<LoggedRow> {
    private static final int BUFFER = 1 << 18;

    private final RowOrder order;
    private final FileNames files = new FileNames();
    private final PriorityQueue<Run> runs = new PriorityQueue<>(this::compare);
    private byte @Nullable [] key;
    private @Nullable String episode;

    /**
     * Takes all blocks.
     *
     * @param workspace what may be used
     * @throws UncheckedIOException if the disk fails
     */
    public OrderedRows(Iterator<byte[]> blocks, RowOrder order, Workspace workspace) {
        this.order = order;
        try {
            var held = new HeldRows(order, files);
            while (blocks.hasNext()) {
                var block = blocks.next();
                var memory = HeldRows.memory(block);
                if (!workspace.grants(memory) && held.size() > 0) {
                    add(new SpilledRun(held.sorted(), workspace.scratch()));
                    workspace.release();
                    held = new HeldRows(order, files);
                    workspace.grants(memory);
                }
                held.add(block);
            }
            add(held.sorted());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean hasNext() {
        return !runs.isEmpty();
    }

    @Override
    public LoggedRow next() {
        var run = runs.poll();
        if (run == null) {
            throw new NoSuchElementException();
        }
        try {
            var row = unpacked(run.block(), run.at());
            add(run);
            return row;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(Run run) throws IOException {
        if (run.next()) {
            runs.add(run);
        }
    }

    private LoggedRow unpacked(ByteBuffer block, int at) {
        if (!PackedRow.hasKey(block, at, key)) {
            key = PackedRow.key(block, at);
            episode = key == null || !order.isByColumn() ? null : new String(key, StandardCharsets.UTF_8);
        }
        return PackedRow.unpack(block, at, episode, files.name(PackedRow.file(block, at)));
    }

    private int compare(Run run, Run other) {
        var compared = PackedRow.compareKeys(run.block(), run.at(), other.block(), other.at());
        return compared != 0
                ? compared
                : PackedRow.compareWithin(order, files, run.block(), run.at(), other.block(), other.at());
    }

    /** Rows in order, one at a time. */
    interface Run {
        /** Goes on to the next row; false if there is none. */
        boolean next() throws IOException;

        /** Where the row is. */
        ByteBuffer block();

        /** Where it begins there. */
        int at();
    }

    /** Rows that went to disk. */
    private static final class SpilledRun implements Run {
        private static final int END = -1;

        private final DataInputStream in;
        private ByteBuffer row = ByteBuffer.allocate(0);

        SpilledRun(Run rows, Workspace.Scratch scratch) throws IOException {
            try (var out = new DataOutputStream(new BufferedOutputStream(scratch.write(), BUFFER))) {
                while (rows.next()) {
                    var length = PackedRow.length(rows.block(), rows.at());
                    out.writeInt(length);
                    out.write(rows.block().array(), rows.at(), length);
                }
                out.writeInt(END);
            }
            in = new DataInputStream(new BufferedInputStream(scratch.read(), BUFFER));
        }

        @Override
        public boolean next() throws IOException {
            var length = in.readInt();
            if (length == END) {
                in.close();
                return false;
            }
            var bytes = new byte[length];
            in.readFully(bytes);
            row = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            return true;
        }

        @Override
        public ByteBuffer block() {
            return row;
        }

        @Override
        public int at() {
            return 0;
        }
    }
}
