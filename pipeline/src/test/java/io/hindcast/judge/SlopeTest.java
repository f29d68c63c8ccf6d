package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.judge.Estimate.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlopeTest {
    private static Estimate estimate(double value, double half) {
        return Estimate.of("any", 100, value, half / Quantiles.student(99, 0.9), 0, 0.9, Interval.NONE);
    }

    @Test
    void theNarrowestThatAllWiderOnesReachIsChosen() {
        // In reach: |difference| <= narrow half + 1.449 wide half. 1.9 and 1 + 0.5 x 1.449 of 1: 0.9 <= 0.1 + 0.72
        // fails.
        assertThat(Slope.choose(List.of(estimate(1.9, 0.1), estimate(1.5, 1), estimate(1, 0.5)), 0.9))
                .isEqualTo(2);
        assertThat(Slope.choose(List.of(estimate(1.8, 0.1), estimate(1.5, 1), estimate(1, 0.5)), 0.9))
                .isEqualTo(0);
    }

    @Test
    void oneIsChosenOfOne() {
        assertThat(Slope.choose(List.of(estimate(1, Double.NaN)), 0.9)).isZero();
    }
}
