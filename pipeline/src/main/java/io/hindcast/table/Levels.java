package io.hindcast.table;

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
}
