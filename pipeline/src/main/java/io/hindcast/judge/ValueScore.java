package io.hindcast.judge;

import java.io.Serializable;

/**
 * How far what a model says of a policy contradicts the log; the lower the better, and no value.
 *
 * @param lstdTournament see {@link LstdTournament}; NaN without a model, as is the other
 * @param bvft see {@link Bvft}
 */
public record ValueScore(double lstdTournament, double bvft) implements Serializable {
    /** None is known. */
    public static final ValueScore NONE = new ValueScore(Double.NaN, Double.NaN);

    /** Whether it is known. */
    public boolean isKnown() {
        return !Double.isNaN(lstdTournament);
    }
}
