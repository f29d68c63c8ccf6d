package io.hindcast.data;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** The number of episodes in the best p percent. */
public final class TopPercent {
    private TopPercent() {}

    /**
     * The least whole number not below {@code episodes * percent / 100}, at least 1. Exact: 10 percent of 70 are 7.
     *
     * @param episodes how many there are, 1 or more
     * @param percent in (0, 100], taken as it is written in decimal
     */
    public static long kept(long episodes, double percent) {
        if (episodes < 1 || !(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException("Cannot keep " + percent + " percent of " + episodes + " episodes");
        }
        return BigDecimal.valueOf(percent)
                .multiply(BigDecimal.valueOf(episodes))
                .movePointLeft(2)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }
}
