package io.hindcast.timeline;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Packed rows in memory, with what they are sorted by beside them. */
final class HeldRows {
    private static final int FIRST_ROWS = 1 << 10;

    private final RowOrder order;
    private final FileNames files;
    private final List<ByteBuffer> blocks = new ArrayList<>();
    private final Map<Key, Integer> keys = new HashMap<>();
    private @Nullable Key last;
    private int lastNumber;

    private int size;
    private int[] key = new int[FIRST_ROWS];
    private long[] place = new long[FIRST_ROWS];
    private long[] number = new long[FIRST_ROWS];

    HeldRows(RowOrder order, FileNames files) {
        this.order = order;
        this.files = files;
    }

    /** About how many bytes it takes to hold and to sort a block: its own, and at most as many of numbers. */
    static long memory(byte[] block) {
        return 2L * block.length;
    }

    int size() {
        return size;
    }

    /** Adds the rows of a block as {@link RowBlocks} makes them, which is then changed. */
    void add(byte[] bytes) {
        var rows = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var numbers = new int[rows.getInt()];
        for (var i = 0; i < numbers.length; i++) {
            var name = new byte[rows.getInt()];
            rows.get(name);
            numbers[i] = files.number(name);
        }
        blocks.add(rows);
        for (var from = rows.position(); from < bytes.length; from += PackedRow.length(rows, from)) {
            PackedRow.setFile(rows, from, numbers[PackedRow.file(rows, from)]);
            grow();
            key[size] = keyOf(rows, from);
            place[size] = ((blocks.size() - 1L) << Integer.SIZE) | from;
            number[size++] = PackedRow.number(rows, from);
        }
    }

    private void grow() {
        if (size == key.length) {
            var more = Math.addExact(size, size / 2);
            key = Arrays.copyOf(key, more);
            place = Arrays.copyOf(place, more);
            number = Arrays.copyOf(number, more);
        }
    }

    /** The number of the row's key, from 0 as keys come; often that of the row before. */
    private int keyOf(ByteBuffer rows, int from) {
        if (last == null || PackedRow.compareKeys(last.rows, last.at, rows, from) != 0) {
            last = new Key(rows, from);
            lastNumber = keys.computeIfAbsent(last, any -> keys.size());
        }
        return lastNumber;
    }

    /** A key where it lies in a row. */
    private record Key(ByteBuffer rows, int at) implements Comparable<Key> {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && compareTo(key) == 0;
        }

        @Override
        public int hashCode() {
            return PackedRow.hash(rows, at);
        }

        @Override
        public int compareTo(Key other) {
            return PackedRow.compareKeys(rows, at, other.rows, other.at);
        }
    }

    /** All rows in order; nothing can be added then. */
    Sorted sorted() {
        var rows = new int[size];
        var ends = dealt(rows);
        var spare = new int[size];
        var from = 0;
        for (var end : ends) {
            sort(rows, from, end, spare);
            from = end;
        }
        var places = new long[size];
        Arrays.setAll(places, i -> place[rows[i]]);
        return new Sorted(blocks, places);
    }

    private ByteBuffer block(long place) {
        return blocks.get((int) (place >>> Integer.SIZE));
    }

    /** The rows of {@code places}: numbers of blocks, and where rows begin in them. */
    static final class Sorted implements OrderedRows.Run {
        private static final int TOGETHER = 64;
        private static final int CACHE_LINE = 64;
        private static final int MOST_LINES = 4;

        private final List<ByteBuffer> blocks;
        private final long[] places;
        private int next;
        private ByteBuffer block = ByteBuffer.allocate(0);
        private int at;

        @SuppressWarnings("UnusedVariable") // without it the compiler would leave out what is only looked at
        private int seen;

        Sorted(List<ByteBuffer> blocks, long[] places) {
            this.blocks = blocks;
            this.places = places;
        }

        @Override
        public boolean next() {
            if (next == places.length) {
                return false;
            }
            if (next % TOGETHER == 0) {
                lookAhead(Math.min(places.length, next + TOGETHER));
            }
            block = block(places[next]);
            at = (int) places[next++];
            return true;
        }

        /** Rows that follow each other lie anywhere in memory: the processor waits for many at once if it is told of them at once. */
        private void lookAhead(int to) {
            var sum = 0;
            for (var i = next; i < to; i++) {
                var bytes = block(places[i]);
                var from = (int) places[i];
                for (var line = 0; line < MOST_LINES; line++) {
                    sum += bytes.get(Math.min(from + line * CACHE_LINE, bytes.limit() - 1));
                }
            }
            seen += sum;
        }

        private ByteBuffer block(long place) {
            return blocks.get((int) (place >>> Integer.SIZE));
        }

        @Override
        public ByteBuffer block() {
            return block;
        }

        @Override
        public int at() {
            return at;
        }
    }

    /** Deals rows out to their keys, the keys in order; returns where the rows of each end. */
    private int[] dealt(int[] rows) {
        var sorted = new ArrayList<>(keys.keySet());
        Collections.sort(sorted);
        var place = new int[sorted.size()];
        for (var i = 0; i < place.length; i++) {
            place[Objects.requireNonNull(keys.get(sorted.get(i)))] = i;
        }
        var ends = new int[place.length];
        for (var row = 0; row < size; row++) {
            ends[place[key[row]]]++;
        }
        var before = 0;
        for (var i = 0; i < ends.length; i++) {
            var count = ends[i];
            ends[i] = before;
            before += count;
        }
        for (var row = 0; row < size; row++) {
            rows[ends[place[key[row]]]++] = row;
        }
        return ends;
    }

    /** Sorts rows of one key by merging, so that rows that are in order already are looked at once. */
    private void sort(int[] rows, int from, int to, int[] spare) {
        if (to - from < 2) {
            return;
        }
        var middle = (from + to) >>> 1;
        sort(rows, from, middle, spare);
        sort(rows, middle, to, spare);
        if (compare(rows[middle - 1], rows[middle]) <= 0) {
            return;
        }
        System.arraycopy(rows, from, spare, from, middle - from);
        var left = from;
        var right = middle;
        for (var i = from; left < middle; i++) {
            rows[i] = right < to && compare(rows[right], spare[left]) < 0 ? rows[right++] : spare[left++];
        }
    }

    private int compare(int row, int other) {
        return !order.isFileFirst() && number[row] != number[other]
                ? Long.compare(number[row], number[other])
                : PackedRow.compareWithin(
                        order, files, block(place[row]), (int) place[row], block(place[other]), (int) place[other]);
    }
}
