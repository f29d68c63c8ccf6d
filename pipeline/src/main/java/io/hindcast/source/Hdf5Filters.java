package io.hindcast.source;

import io.jhdf.object.message.FilterPipelineMessage.FilterInfo;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Undoes what was done to a chunk before it was stored: deflate, shuffle, Fletcher's checksum and LZF. Never makes more bytes
 * than the chunk has.
 */
final class Hdf5Filters {
    private static final int DEFLATE = 1;
    private static final int SHUFFLE = 2;
    private static final int FLETCHER32 = 3;
    private static final int LZF = 32000;
    private static final int CHECKSUM_BYTES = 4;

    private final List<FilterInfo> filters;
    private final int itemBytes;

    /** A chunk that cannot be unpacked: why. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason);
        }
    }

    /**
     * The filters in the order in which they were applied.
     *
     * @throws Refused if one is not known
     */
    Hdf5Filters(List<FilterInfo> filters, int itemBytes) throws Refused {
        this.filters = filters;
        this.itemBytes = itemBytes;
        for (var filter : filters) {
            if (!List.of(DEFLATE, SHUFFLE, FLETCHER32, LZF).contains(filter.getId())) {
                throw new Refused("it is packed by filter " + filter.getId()
                        + ", which is not one of gzip, lzf, shuffle and fletcher32; save it with gzip");
            }
        }
        if (filters.size() > 8) {
            throw new Refused("it is packed by " + filters.size() + " filters, more than 8; save it with gzip");
        }
    }

    /**
     * A chunk's bytes as they were.
     *
     * @param skipped the filters that were not applied to this chunk, by their place
     * @param length how many bytes there must be
     */
    byte[] undo(byte[] stored, BitSet skipped, int length) throws Refused {
        var data = stored;
        for (var i = filters.size() - 1; i >= 0; i--) {
            if (!skipped.get(i)) {
                // A checksum that was added before makes what is unpacked longer.
                data = undo(filters.get(i).getId(), data, length + CHECKSUM_BYTES * checksumsBefore(i, skipped));
            }
        }
        if (data.length != length) {
            throw new Refused("it unpacks to " + data.length + " bytes, not " + length);
        }
        return data;
    }

    private int checksumsBefore(int place, BitSet skipped) {
        var count = 0;
        for (var i = 0; i < place; i++) {
            count += filters.get(i).getId() == FLETCHER32 && !skipped.get(i) ? 1 : 0;
        }
        return count;
    }

    private byte[] undo(int filter, byte[] data, int length) throws Refused {
        return switch (filter) {
            case DEFLATE -> inflate(data, length);
            case LZF -> unpackLzf(data, length);
            case SHUFFLE -> unshuffle(data);
            default -> checked(data);
        };
    }

    private static byte[] inflate(byte[] data, int length) throws Refused {
        var inflater = new Inflater();
        try {
            inflater.setInput(data);
            var out = new byte[length];
            var filled = 0;
            while (filled < length) {
                var count = inflater.inflate(out, filled, length - filled);
                if (count == 0) {
                    throw new Refused("it unpacks to " + filled + " bytes, not " + length);
                }
                filled += count;
            }
            // One byte more than there may be, or the checksum at the end.
            if (inflater.inflate(new byte[1]) > 0 || !inflater.finished()) {
                throw new Refused("it unpacks to more than " + length + " bytes");
            }
            return out;
        } catch (DataFormatException e) {
            throw new Refused("it does not unpack (" + e.getMessage() + ")");
        } finally {
            inflater.end();
        }
    }

    /** Byte {@code b} of all items lies together: they go back to their items. */
    private byte[] unshuffle(byte[] data) {
        var items = data.length / itemBytes;
        var out = new byte[data.length];
        for (var b = 0; b < itemBytes; b++) {
            for (int i = 0, at = b; i < items; i++, at += itemBytes) {
                out[at] = data[b * items + i];
            }
        }
        System.arraycopy(data, items * itemBytes, out, items * itemBytes, data.length - items * itemBytes);
        return out;
    }

    /** Sums 16-bit words, high byte first, modulo 65535, and their sums; an odd byte at the end counts as a high one. */
    private static byte[] checked(byte[] data) throws Refused {
        var length = data.length - CHECKSUM_BYTES;
        if (length < 0) {
            throw new Refused("it is too short for its checksum");
        }
        var sum = 0L;
        var sums = 0L;
        for (var i = 0; i < length; i += 2) {
            var low = i + 1 < length ? data[i + 1] & 0xff : 0;
            sum = (sum + ((data[i] & 0xff) << 8) + low) % 65_535;
            sums = (sums + sum) % 65_535;
        }
        var stored = 0L;
        for (var i = CHECKSUM_BYTES - 1; i >= 0; i--) {
            stored = 256 * stored + (data[length + i] & 0xff);
        }
        if (stored % 65_536 % 65_535 != sum || stored / 65_536 % 65_535 != sums) {
            throw new Refused("its checksum is wrong");
        }
        return Arrays.copyOf(data, length);
    }

    /**
     * LZF: a control byte below 32 is followed by that many literals and one more; any other refers back, its high three bits
     * being the length less 2 (7: a byte more follows that is added), its low five and one more byte the distance less 1.
     */
    private static byte[] unpackLzf(byte[] data, int length) throws Refused {
        var out = new byte[length];
        var from = 0;
        var to = 0;
        try {
            while (from < data.length) {
                var control = data[from++] & 0xff;
                if (control < 32) {
                    System.arraycopy(data, from, out, to, control + 1);
                    from += control + 1;
                    to += control + 1;
                    continue;
                }
                var count = (control >> 5) + 2;
                if (count == 9) {
                    count += data[from++] & 0xff;
                }
                var source = to - ((control & 31) << 8) - (data[from++] & 0xff) - 1;
                for (var i = 0; i < count; i++) {
                    out[to++] = out[source++];
                }
            }
        } catch (IndexOutOfBoundsException e) {
            throw new Refused("it does not unpack to " + length + " bytes");
        }
        return to == length ? out : Arrays.copyOf(out, to);
    }
}
