package io.hindcast.kernel;

import java.util.Locale;

/** How finely the factors of a network's products are held; sums, and everything else, are float32. */
public enum Precision {
    /** As they are. */
    FLOAT32,
    /**
     * Rounded to {@link Bfloat16}, which some processors multiply several times as fast; but not those of layers with few inputs or
     * outputs, which are no faster so: actions and values come out of those.
     */
    BFLOAT16,
    /** The same, but what a network is given, and the weights of that, are multiplied as they are on the way forward. */
    BFLOAT16_HIDDEN;

    /** Below this the product of a thin matrix gains less than rounding takes (measured, see docs/speed.md). */
    private static final int LEAST = 16;

    /**
     * Whether it rounds the factors of a layer.
     *
     * @param weight the layer's, or their gradient
     */
    boolean rounds(Matrix weight) {
        var isLeft = this == FLOAT32 || (this == BFLOAT16_HIDDEN && weight.isEntry());
        return !isLeft && weight.rows() >= LEAST && weight.columns() >= LEAST;
    }

    /** As the settings call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
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
