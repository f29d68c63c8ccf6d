package io.hindcast.judge;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * Sums of terms x 2^e, one for each index. Terms of any order, cut into any parts, give the same sums to the last bit: a sum is a
 * fixed-point number of 128 bits under its largest term, in chunks of 32 bits that never carry into each other, and what lies
 * below is cut off each term by itself. (As a sum of exponentials under their largest, but exact.) Fewer than 2^31 terms each.
 */
final class Sums implements Serializable {
    private static final int CHUNKS = 4;
    private static final long LOW_HALF = 0xffffffffL;
    private static final long MANTISSA = (1L << 52) - 1;

    /** The exponent of the largest term of a sum without terms. */
    static final int NONE = Integer.MIN_VALUE;

    /** The same of a sum that a term made infinite, or no number: it stays no number. */
    static final int UNDEFINED = Integer.MAX_VALUE;

    /** {@link #CHUNKS} of each sum, in a ring: chunk c, worth 2^(32 c), lies at c modulo that. */
    private long[] chunks;

    private int[] largest;

    Sums(int size) {
        chunks = new long[size * CHUNKS];
        largest = new int[size];
        Arrays.fill(largest, NONE);
    }

    int size() {
        return largest.length;
    }

    void grow(int size) {
        var old = size();
        if (size > old) {
            chunks = Arrays.copyOf(chunks, size * CHUNKS);
            largest = Arrays.copyOf(largest, size);
            Arrays.fill(largest, old, size, NONE);
        }
    }

    void add(int index, Scaled term) {
        add(index, term.x(), term.exponent());
    }

    void add(int index, double x, int exponent) {
        if (x == 0) {
            return;
        }
        var size = Math.getExponent(x);
        if (size < Double.MIN_EXPONENT) {
            add(index, x * 0x1p64, exponent - 64);
            return;
        }
        if (size > Double.MAX_EXPONENT) {
            raise(index, UNDEFINED);
            return;
        }
        var bits = Double.doubleToRawLongBits(x);
        var mantissa = (bits & MANTISSA) | (MANTISSA + 1);
        var sign = bits >> 63; // all ones where x is below 0: y ^ -1 + 1 is -y
        raise(index, size + exponent);
        var lowest = size + exponent - 52;
        var chunk = lowest >> 5;
        var shift = lowest & 31;
        var high = mantissa >>> (32 - shift);
        addChunk(index, chunk, (((mantissa << shift) & LOW_HALF) ^ sign) - sign);
        addChunk(index, chunk + 1, ((high & LOW_HALF) ^ sign) - sign);
        addChunk(index, chunk + 2, ((high >>> 32) ^ sign) - sign);
    }

    /** Lets a sum reach up to 2^exponent; chunks that are then too low are cut off. */
    private void raise(int index, int exponent) {
        var before = largest[index];
        if (exponent <= before) {
            return;
        }
        largest[index] = exponent;
        if (before != NONE) {
            var rise = Math.min((exponent >> 5) - (before >> 5), CHUNKS);
            for (var i = 1; i <= rise; i++) {
                chunks[index * CHUNKS + (((before >> 5) + i) & (CHUNKS - 1))] = 0;
            }
        }
    }

    private void addChunk(int index, int chunk, long value) {
        if (chunk > (largest[index] >> 5) - CHUNKS) {
            chunks[index * CHUNKS + (chunk & (CHUNKS - 1))] += value; // above the largest term it is 0
        }
    }

    void merge(Sums other) {
        grow(other.size());
        for (var i = 0; i < other.size(); i++) {
            if (other.largest[i] != NONE) {
                raise(i, other.largest[i]);
                var top = other.largest[i] >> 5;
                for (var chunk = top - CHUNKS + 1; chunk <= top; chunk++) {
                    addChunk(i, chunk, other.chunks[i * CHUNKS + (chunk & (CHUNKS - 1))]);
                }
            }
        }
    }

    /** The exponent of the largest term, or {@link #NONE}. */
    int largest(int index) {
        return largest[index];
    }

    Scaled of(int index) {
        if (largest[index] == NONE || largest[index] == UNDEFINED) {
            return largest[index] == NONE ? Scaled.ZERO : Scaled.of(Double.NaN);
        }
        var top = largest[index] >> 5;
        var sum = BigInteger.ZERO;
        for (var chunk = top; chunk > top - CHUNKS; chunk--) {
            sum = sum.shiftLeft(32).add(BigInteger.valueOf(chunks[index * CHUNKS + (chunk & (CHUNKS - 1))]));
        }
        return Scaled.of(sum.doubleValue(), 32 * (top - CHUNKS + 1));
    }
}
