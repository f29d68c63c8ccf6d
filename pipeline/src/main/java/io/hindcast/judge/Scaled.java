package io.hindcast.judge;

import java.io.Serializable;

/**
 * A number x 2^e of any size: a product of a thousand ratios has no place in a double.
 *
 * @param x 0, not finite, or of a size from 1 to below 2
 * @param exponent e
 */
record Scaled(double x, int exponent) implements Serializable {
    static final Scaled ZERO = new Scaled(0, 0);

    private static final double LN2 = 0.6931471805599453;
    private static final double LN2_HIGH = 0x1.62e42fee00000p-1; // its last 21 bits are 0
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;

    /** What a logarithm may be at most: exponents of products and quotients stay ints. */
    private static final double LARGEST_LOG = 1e8;

    static Scaled of(double x, int exponent) {
        if (x == 0 || !Double.isFinite(x)) {
            return x == 0 ? ZERO : new Scaled(x, 0);
        }
        var size = Math.getExponent(x);
        if (size < Double.MIN_EXPONENT) {
            return of(x * 0x1p64, exponent - 64);
        }
        return new Scaled(scale(x, -size), exponent + size);
    }

    static Scaled of(double x) {
        return of(x, 0);
    }

    /**
     * The exponential function.
     *
     * @param log at most 10^8; one below -10^8 gives 0
     */
    static Scaled exp(double log) {
        if (log < -LARGEST_LOG) {
            return ZERO;
        }
        if (!(log <= LARGEST_LOG)) {
            throw new IllegalArgumentException("Cannot weigh an episode: the logarithm of its weight is " + log);
        }
        var k = Math.rint(log / LN2);
        return of(StrictMath.exp(log - k * LN2_HIGH - k * LN2_LOW), (int) k);
    }

    /** x 2^exponent; faster than {@link Math#scalb} where neither is extreme. */
    static double scale(double x, int exponent) {
        return exponent >= Double.MIN_EXPONENT && exponent <= Double.MAX_EXPONENT
                ? x * Double.longBitsToDouble((exponent + 1023L) << 52)
                : Math.scalb(x, exponent);
    }

    double toDouble() {
        return scale(x, exponent);
    }

    Scaled times(Scaled other) {
        return of(x * other.x, exponent + other.exponent);
    }

    Scaled times(double factor) {
        return times(of(factor));
    }

    Scaled over(Scaled other) {
        return of(x / other.x, exponent - other.exponent);
    }

    Scaled plus(Scaled other) {
        if (x == 0 || other.x == 0) {
            return x == 0 ? other : this;
        }
        var larger = Math.max(exponent, other.exponent);
        return of(shifted(x, exponent - larger) + shifted(other.x, other.exponent - larger), larger);
    }

    private static double shifted(double x, int exponent) {
        return exponent < -200 ? 0 : scale(x, exponent);
    }
}
