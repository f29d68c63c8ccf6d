package io.hindcast.table;

import io.hindcast.config.UserException;
import io.hindcast.stats.Hashes;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * How many transitions of each episode are in a subset, from its first, read without Spark. Every task has this of all episodes, so it
 * takes some thirty bytes for each, a quarter of what a map of texts takes. For one thread.
 */
final class SubsetEpisodes {
    /** An array's most elements on any JVM. */
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    /** Of a number of 64 bits, 7 in each. */
    private static final int LONGEST_NUMBER = 10;

    /** Behind a byte that is nothing: for each episode the size of its id, its id in UTF-8, and how many transitions. */
    private byte[] entries = new byte[1024];

    private int end = 1;
    /** A hash table: where an entry begins; 0 for none. Its size is a power of 2. */
    private int[] slots = new int[256];

    private int count;

    /** What was asked last: most steps are of the episode of the step before. */
    private @Nullable String last;

    private long lastLength;

    /**
     * Those of a subset.
     *
     * @param subsets the Parquet files of a version of {@code subsets}
     * @throws UserException if their ids have more bytes together than an array
     */
    static SubsetEpisodes of(Configuration hadoop, List<String> subsets, String subset) throws IOException {
        var episodes = new SubsetEpisodes();
        for (var file : subsets) {
            try (var part = new PartReader(hadoop, file, List.of("subset", "episode_id", "length"))) {
                var names = part.column("subset").texts();
                var ids = part.column("episode_id").texts();
                var lengths = part.column("length").longs();
                while (part.next()) {
                    for (var row = 0; row < part.rows(); row++) {
                        if (subset.equals(names[row])
                                && !episodes.add(Objects.requireNonNull(ids[row]), lengths[row])) {
                            throw new UserException("Cannot use subset " + subset
                                    + ": the ids of its episodes have more than 2 GB; take a smaller subset");
                        }
                    }
                }
            }
        }
        return episodes;
    }

    /** False: there is no room for it. */
    boolean add(String id, long length) {
        var bytes = id.getBytes(StandardCharsets.UTF_8);
        last = null;
        var slot = slot(bytes, 0, bytes.length);
        var wanted = (long) end + bytes.length + 2 * LONGEST_NUMBER;
        if (wanted > MOST_BYTES) {
            return false;
        }
        if (wanted > entries.length) {
            entries = Arrays.copyOf(entries, (int) Math.min(MOST_BYTES, wanted + wanted / 2));
        }
        count += slots[slot] == 0 ? 1 : 0;
        slots[slot] = end;
        put(bytes.length);
        System.arraycopy(bytes, 0, entries, end, bytes.length);
        end += bytes.length;
        put(length);
        if (count > slots.length / 2) {
            growSlots();
        }
        return true;
    }

    private void put(long number) {
        var rest = number;
        for (; rest >>> 7 != 0; rest >>>= 7) {
            entries[end++] = (byte) (rest | 0x80);
        }
        entries[end++] = (byte) rest;
    }

    private void growSlots() {
        var old = slots;
        slots = new int[2 * old.length];
        for (var entry : old) {
            if (entry != 0) {
                var size = (int) number(entry);
                slots[slot(entries, entry + width(size), size)] = entry;
            }
        }
    }

    /** How many transitions of an episode are in the subset; 0 if it is not. */
    long length(String id) {
        if (!id.equals(last)) {
            var bytes = id.getBytes(StandardCharsets.UTF_8);
            var entry = slots[slot(bytes, 0, bytes.length)];
            lastLength = entry == 0 ? 0 : number(entry + width(bytes.length) + bytes.length);
            last = id;
        }
        return lastLength;
    }

    /** Where an id is in the hash table, or would be. */
    private int slot(byte[] from, int start, int size) {
        var hash = 0L;
        for (var i = start; i < start + size; i++) {
            hash = 31 * hash + from[i];
        }
        var slot = (int) Hashes.mix(hash) & (slots.length - 1);
        while (slots[slot] != 0 && !isAt(slots[slot], from, start, size)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean isAt(int entry, byte[] from, int start, int size) {
        var id = entry + width(size);
        return number(entry) == size && Arrays.equals(entries, id, id + size, from, start, start + size);
    }

    private long number(int place) {
        var at = place;
        var number = 0L;
        for (var shift = 0; ; shift += 7) {
            var part = entries[at++];
            number |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return number;
            }
        }
    }

    /** How many bytes a number has. */
    private static int width(int number) {
        return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(number) + 6) / 7);
    }
}
