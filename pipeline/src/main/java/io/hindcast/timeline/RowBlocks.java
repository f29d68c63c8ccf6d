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
 * Packs rows on their way to other tasks into blocks of many, each for one target: all rows of a key have the same. In a block rows
 * stand as they came; what a row is ordered by stands before it, so that {@link OrderedRows} need not unpack it.
 */
public final class RowBlocks implements Iterator<RowBlocks.Block> {
    /** About so many bytes wait at most, for all targets together. */
    private static final int MOST_BYTES = 16 << 20;

    /** No more wait for one target, unless a single row is larger: larger arrays are a trouble to the garbage collector. */
    private static final int MOST_BLOCK_BYTES = 1 << 18;

    private static final int FIRST_BYTES = 1 << 12;

    private final Iterator<LoggedRow> rows;
    private final RowOrder order;
    private final Hash hash;
    private final int blockBytes;
    private final @Nullable Waiting[] waiting;
    private @Nullable Block ahead;

    /** The targets before have nothing any more, once there are no rows. */
    private int ended;

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
        blockBytes = Math.min(Math.max(MOST_BYTES / targets, FIRST_BYTES), MOST_BLOCK_BYTES);
        waiting = new Waiting[targets];
    }

    @Override
    public boolean hasNext() {
        while (ahead == null && rows.hasNext()) {
            add(rows.next());
        }
        while (ahead == null && ended < waiting.length) {
            var there = waiting[ended];
            waiting[ended] = null;
            ahead = there == null ? null : there.block(ended);
            ended++;
        }
        return ahead != null;
    }

    @Override
    public Block next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var block = Objects.requireNonNull(ahead);
        ahead = null;
        return block;
    }

    private void add(LoggedRow row) {
        var text = order.key(row);
        var key = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
        var hashed = hash.of(key);
        var target = Math.floorMod(hashed, waiting.length);
        var there = waiting[target];
        if (there == null) {
            there = new Waiting(blockBytes);
            waiting[target] = there;
        }
        var most = PackedRow.most(row, key);
        if (there.isFull(most)) {
            ahead = there.block(target);
        }
        there.add(row, most, key, hashed, order);
    }

    /** The rows that wait for one target. */
    private static final class Waiting {
        private final int blockBytes;
        private final Map<String, Integer> files = new LinkedHashMap<>();
        private ByteBuffer packed = buffer(FIRST_BYTES);

        Waiting(int blockBytes) {
            this.blockBytes = blockBytes;
        }

        private static ByteBuffer buffer(int bytes) {
            return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        /** Whether there is something, and no room for so many bytes more. */
        boolean isFull(int most) {
            return packed.position() > 0 && packed.remaining() < most && packed.capacity() >= blockBytes;
        }

        void add(LoggedRow row, int most, byte @Nullable [] key, int hash, RowOrder order) {
            if (packed.remaining() < most) {
                var size =
                        Math.max(Math.addExact(packed.position(), most), Math.min(2 * packed.capacity(), blockBytes));
                packed = buffer(size).put(packed.flip());
            }
            var file = files.computeIfAbsent(row.file(), name -> files.size());
            PackedRow.put(packed, row, key, hash, file, order);
        }

        /** All rows, with the names of their files before them; then none waits. */
        Block block(int target) {
            var names = files.keySet().stream()
                    .map(name -> name.getBytes(StandardCharsets.UTF_8))
                    .toList();
            var head = Integer.BYTES;
            for (var name : names) {
                head += Integer.BYTES + name.length;
            }
            var bytes = new byte[Math.addExact(head, packed.position())];
            var block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(names.size());
            names.forEach(name -> block.putInt(name.length).put(name));
            block.put(packed.flip());
            packed = packed.capacity() > blockBytes ? buffer(blockBytes) : packed.clear();
            files.clear();
            return new Block(target, bytes);
        }
    }
}
