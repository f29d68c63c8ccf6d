package io.hindcast.stats;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * The sum of any number of doubles without a rounding error, so that the order in which they come cannot matter: two sums of the
 * same numbers are equal to the last bit. After Neal (2015), "Fast exact summation using small and large superaccumulators": a
 * fixed-point number as wide as the range of a double, in overlapping chunks whose carries are settled now and then.
 */
final class ExactSum implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What the lowest bit is worth, as a power of two. */
    static final int LOWEST = -1075;

    private static final int CHUNKS = 68;
    private static final long LOW_HALF = 0xffffffffL;
    private static final long MANTISSA = (1L << 52) - 1;

    /** An addition moves a chunk by less than 2^53. */
    private static final int MOST_ADDITIONS = 500;

    private final long[] chunks = new long[CHUNKS];
    private int unsettled;

    /** What is beyond all doubles: infinite or not a number once such a number came. */
    private double beyond;

    void add(double value) {
        var bits = Double.doubleToRawLongBits(value);
        var exponent = (int) (bits >>> 52) & 0x7ff;
        var mantissa = bits & MANTISSA;
        if (exponent == 0) {
            exponent = 1;
        } else if (exponent == 0x7ff) {
            beyond += value;
            return;
        } else {
            mantissa |= MANTISSA + 1;
        }
        var chunk = exponent >>> 5;
        var shift = exponent & 31;
        var low = (mantissa << shift) & LOW_HALF;
        var high = mantissa >>> (32 - shift);
        // All ones where the number is below zero: x ^ -1 + 1 is -x.
        var sign = bits >> 63;
        chunks[chunk] += (low ^ sign) - sign;
        chunks[chunk + 1] += (high ^ sign) - sign;
        if (++unsettled >= MOST_ADDITIONS) {
            settle();
        }
    }

    /** Adds the square of a number; exact for every float, and for a double unless its square underflows. */
    void addSquare(double value) {
        var square = value * value;
        add(square);
        if ((float) value != value && square <= Double.MAX_VALUE) {
            add(Math.fma(value, value, -square));
        }
    }

    void merge(ExactSum other) {
        settle();
        other.settle();
        for (var i = 0; i < CHUNKS; i++) {
            chunks[i] += other.chunks[i];
        }
        settle();
        beyond += other.beyond;
    }

    /** The sum in units of 2 to the power {@link #LOWEST}; of the finite numbers alone. */
    BigInteger units() {
        settle();
        var sum = BigInteger.ZERO;
        for (var i = CHUNKS - 1; i >= 0; i--) {
            sum = sum.shiftLeft(32).add(BigInteger.valueOf(chunks[i]));
        }
        return sum;
    }

    double beyond() {
        return beyond;
    }

    static ExactSum of(BigInteger units, double beyond) {
        var sum = new ExactSum();
        for (var i = 0; i < CHUNKS; i++) {
            var part = units.shiftRight(32 * i).longValue();
            sum.chunks[i] = i < CHUNKS - 1 ? part & LOW_HALF : part;
        }
        sum.beyond = beyond;
        return sum;
    }

    /** Leaves in every chunk but the last just its own 32 bits. */
    private void settle() {
        for (var i = 0; i < CHUNKS - 1; i++) {
            chunks[i + 1] += chunks[i] >> 32;
            chunks[i] &= LOW_HALF;
        }
        unsettled = 0;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof ExactSum sum)) {
            return false;
        }
        settle();
        sum.settle();
        return Arrays.equals(chunks, sum.chunks) && Double.compare(beyond, sum.beyond) == 0;
    }

    @Override
    public int hashCode() {
        settle();
        return Arrays.hashCode(chunks);
    }
}
