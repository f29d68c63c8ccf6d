package io.hindcast.timeline;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Packs rows on their way to other tasks into few large blocks, each for one target: all rows of a key have the same. In a block rows
 * stand in order, and what a row is ordered by stands before it, so that {@link OrderedRows} need not unpack it.
 */
public final class RowBlocks implements Iterator<RowBlocks.Block> {
    /** So many bytes wait before they are handed on. */
    private static final int MOST_BYTES = 16 << 20;

    private static final int FIRST_BYTES = 1 << 12;

    private final Iterator<LoggedRow> rows;
    private final RowOrder order;
    private final Hash hash;
    private final @Nullable Waiting[] waiting;
    private int next;

    /** Rows for one target. */
    @SuppressWarnings("ArrayRecordComponent") // handed on, compared nowhere
    public record Block(int target, byte[] bytes) {}

    /** A hash of keys. */
    @FunctionalInterface
    public interface Hash {
        int of(byte @Nullable [] key);
    }

    /**
     * @param targets how many there are; a row's is the hash of its key, modulo this
     */
    public RowBlocks(Iterator<LoggedRow> rows, RowOrder order, Hash hash, int targets) {
        this.rows = rows;
        this.order = order;
        this.hash = hash;
        waiting = new Waiting[targets];
        next = targets;
    }

    @Override
    public boolean hasNext() {
        while (next < waiting.length && waiting[next] == null) {
            next++;
        }
        if (next == waiting.length && rows.hasNext()) {
            fill();
            return hasNext();
        }
        return next < waiting.length;
    }

    @Override
    public Block next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var there = Objects.requireNonNull(waiting[next]);
        waiting[next] = null;
        return new Block(next++, there.block(order));
    }

    private void fill() {
        next = 0;
        var bytes = 0L;
        while (bytes < MOST_BYTES && rows.hasNext()) {
            var row = rows.next();
            var text = order.key(row);
            var key = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
            var hashed = hash.of(key);
            var target = Math.floorMod(hashed, waiting.length);
            var there = waiting[target];
            if (there == null) {
                there = new Waiting();
                waiting[target] = there;
            }
            bytes += there.add(row, key, hashed, order);
        }
    }

    /** The rows that wait for one target. */
    private static final class Waiting {
        private final Map<String, Integer> files = new LinkedHashMap<>();
        private ByteBuffer packed = ByteBuffer.allocate(FIRST_BYTES).order(ByteOrder.LITTLE_ENDIAN);

        /** Returns by how many bytes it grew. */
        int add(LoggedRow row, byte @Nullable [] key, int hash, RowOrder order) {
            var most = PackedRow.most(row, key);
            if (packed.remaining() < most) {
                var size = Math.max(Math.addExact(packed.position(), most), 2L * packed.capacity());
                packed = ByteBuffer.allocate((int) Math.min(size, Integer.MAX_VALUE - 8))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(packed.flip());
            }
            var before = packed.position();
            var file = files.computeIfAbsent(row.file(), name -> files.size());
            PackedRow.put(packed, row, key, hash, file, order);
            return packed.position() - before;
        }

        /** In order: who brings blocks together then goes through each from its beginning to its end, and does not jump about in memory. */
        byte[] block(RowOrder order) {
            var names = files.keySet().stream()
                    .map(name -> name.getBytes(StandardCharsets.UTF_8))
                    .toList();
            var head = Integer.BYTES;
            for (var name : names) {
                head += Integer.BYTES + name.length;
            }
            var block =
                    ByteBuffer.allocate(Math.addExact(head, packed.position())).order(ByteOrder.LITTLE_ENDIAN);
            block.putInt(names.size());
            names.forEach(name -> block.putInt(name.length).put(name));
            var rows = new HeldRows(order, new FileNames(names));
            rows.add(packed.flip());
            var sorted = rows.sorted();
            while (sorted.next()) {
                block.put(sorted.block().array(), sorted.at(), PackedRow.length(sorted.block(), sorted.at()));
            }
            return block.array();
        }
    }
}
