package io.hindcast.kernel;

/**
 * The upper half of a float: its sign, its exponent and 7 of its 23 bits of fraction, so that it keeps a float's range and between two
 * and three decimal digits.
 */
final class Bfloat16 {
    private static final int DROPPED = 0xFFFF;
    private static final int HALF = 0x7FFF;

    private Bfloat16() {}

    /**
     * The nearest one, and of two that are equally near the one whose last bit is 0 (IEEE 754); what is nearer to 2^128 than to the
     * largest is infinite. Processors may take a number below 1.2e-38 for 0 instead.
     */
    static float round(float value) {
        if (Float.isNaN(value)) {
            return value;
        }
        var bits = Float.floatToRawIntBits(value);
        var odd = (bits >>> 16) & 1;
        return Float.intBitsToFloat((bits + HALF + odd) & ~DROPPED);
    }
}
