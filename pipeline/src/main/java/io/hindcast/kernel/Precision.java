package io.hindcast.kernel;

/** How finely the factors of a network's products are held; sums, and everything else, are float32. */
public enum Precision {
    /** As they are. */
    FLOAT32,
    /**
     * Rounded to {@link Bfloat16}, which some processors multiply several times as fast; but not those of layers with few inputs or
     * outputs, which are no faster so: actions and values come out of those. Nor those of {@link Matrix#exact} weights.
     */
    BFLOAT16;

    /** Below this the product of a thin matrix gains less than rounding takes (measured, see docs/speed.md). */
    private static final int LEAST = 16;

    /**
     * Whether it rounds the factors of a layer.
     *
     * @param weight the layer's, or their gradient
     */
    boolean rounds(Matrix weight) {
        return this == BFLOAT16 && !weight.isExact() && weight.rows() >= LEAST && weight.columns() >= LEAST;
    }

    /** What becomes of such a factor. */
    Rounding rounding(Matrix weight) {
        return rounds(weight) ? Bfloat16::round : value -> value;
    }

    /** From a factor to the number that is multiplied in its place. */
    interface Rounding {
        float of(float factor);
    }
}
