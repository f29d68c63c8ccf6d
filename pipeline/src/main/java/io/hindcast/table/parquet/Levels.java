package io.hindcast.table.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.io.ParquetDecodingException;

/** The hybrid of run lengths and packed bits in which Parquet writes levels and the indices of a dictionary. */
final class Levels {
    private Levels() {}

    /**
     * Reads {@code count} numbers of {@code bits} bits into {@code target}.
     *
     * @throws ParquetDecodingException if the bytes end before
     */
    static void decode(ByteBuffer bytes, int bits, int count, int[] target) {
        var in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        var at = 0;
        while (at < count) {
            if (bits == 0 && !in.hasRemaining()) {
                Arrays.fill(target, at, count, 0); // some writers leave out a run of nothing
                return;
            }
            var header = varint(in);
            if ((header & 1) == 0) {
                var value = 0;
                for (var shift = 0; shift < bits; shift += 8) {
                    value |= (in.get() & 0xff) << shift;
                }
                var run = (int) Math.min(header >>> 1, count - at);
                Arrays.fill(target, at, at + run, value);
                at += run;
            } else {
                var values = (int) Math.min((header >>> 1) * 8, count - at);
                unpack(in, bits, values, target, at);
                at += values;
            }
        }
    }

    /** Groups of eight numbers stand in {@code bits} bytes each; the last group may be cut. */
    private static void unpack(ByteBuffer in, int bits, int count, int[] target, int from) {
        if (bits == 1 && in.remaining() >= (count + 7) / 8) {
            unpack(in, count, target, from);
            return;
        }
        var mask = bits == 32 ? -1L >>> 32 : (1L << bits) - 1;
        var held = 0L;
        var heldBits = 0;
        for (var i = 0; i < count; i++) {
            while (heldBits < bits) {
                held |= (in.get() & 0xffL) << heldBits;
                heldBits += 8;
            }
            target[from + i] = (int) (held & mask);
            held >>>= bits;
            heldBits -= bits;
        }
        var whole = (count + 7) / 8 * bits;
        var read = (count * (long) bits + 7) / 8;
        in.position((int) Math.min(in.limit(), in.position() + whole - read));
    }

    /** The same of single bits, the levels of vectors among them, which are most of all. */
    private static void unpack(ByteBuffer in, int count, int[] target, int from) {
        var whole = count & ~7;
        for (var i = from; i < from + whole; i += 8) {
            var held = in.get();
            for (var bit = 0; bit < 8; bit++) {
                target[i + bit] = held >> bit & 1;
            }
        }
        if (whole < count) {
            var held = in.get();
            for (var bit = 0; bit < count - whole; bit++) {
                target[from + whole + bit] = held >> bit & 1;
            }
        }
    }

    private static long varint(ByteBuffer in) {
        var value = 0L;
        for (var shift = 0; shift < 35; shift += 7) {
            var next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                if (value >>> 1 == 0) {
                    throw new ParquetDecodingException("a run of no values");
                }
                return value;
            }
        }
        throw new ParquetDecodingException("a run whose length is no number");
    }

    /** Writes numbers of {@code bits} bits: runs of eight or more by their length, others packed. */
    static void encode(int[] values, int count, int bits, ByteBuffer out) {
        var at = 0;
        while (at < count) {
            var run = run(values, at, count);
            if (run >= 8 || at + run == count) {
                putVarint(out, run << 1);
                for (var shift = 0; shift < bits; shift += 8) {
                    out.put((byte) (values[at] >>> shift));
                }
                at += run;
                continue;
            }
            var end = at;
            do {
                end += 8;
            } while (end < count && run(values, end, Math.min(count, end + 8)) < 8);
            end = Math.min(end, count);
            putVarint(out, 2 * ((end - at + 7) / 8) + 1);
            pack(values, at, end, bits, out);
            at = end;
        }
    }

    private static int run(int[] values, int from, int to) {
        var end = from + 1;
        while (end < to && values[end] == values[from]) {
            end++;
        }
        return end - from;
    }

    private static void pack(int[] values, int from, int to, int bits, ByteBuffer out) {
        for (var group = from; group < to; group += 8) {
            var held = 0L;
            var heldBits = 0;
            for (var i = group; i < group + 8; i++) {
                held |= (i < to ? values[i] & 0xffffffffL : 0) << heldBits;
                heldBits += bits;
                while (heldBits >= 8) {
                    out.put((byte) held);
                    held >>>= 8;
                    heldBits -= 8;
                }
            }
        }
    }

    private static void putVarint(ByteBuffer out, int value) {
        var rest = value;
        while (rest >= 0x80) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
