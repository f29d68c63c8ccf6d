package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void policiesThatEarnAlikeDifferForSure() {
        // The third always earns 1 more than the first: its influences are the same.
        var whole = new Comparison(3);
        var parts = new Comparison[] {new Comparison(3), new Comparison(3)};
        var influences = new double[][] {{-3, 1, -3}, {1, -2, 1}, {2, 1, 2}, {0, 0, 0}};
        for (var i = 0; i < influences.length; i++) {
            whole.add(influences[i]);
            parts[i % 2].add(influences[i]);
        }
        assertThat(whole.standardError(0, 2)).isZero();
        assertThat(whole.interval(1, 0, 2, 0.95, 3)).isEqualTo(new Estimate.Interval(1, 1));
        // Differences -4, 3, 1 and 0 of four episodes.
        assertThat(whole.standardError(1, 0)).isEqualTo(Math.sqrt(26) / 4);
        assertThat(parts[1].merge(parts[0]).standardError(0, 1)).isEqualTo(whole.standardError(0, 1));
    }

    @Test
    void moreComparisonsMakeWiderIntervals() {
        var comparison = new Comparison(2).add(new double[] {1, 0}).add(new double[] {-1, 0});
        // Student's t of one degree: 12.706 for 95 %, 25.452 for 97.5 %.
        assertThat(comparison.interval(0, 0, 1, 0.95, 1).high()).isEqualTo(12.706 / Math.sqrt(2), within(1e-3));
        assertThat(comparison.interval(0, 0, 1, 0.95, 2).high()).isEqualTo(25.452 / Math.sqrt(2), within(1e-3));
    }

    @Test
    void aDifferenceLeansToTheSideWhereFewEpisodesLieFarAway() {
        var comparison = new Comparison(2);
        for (var i = 0; i < 100; i++) {
            comparison.add(new double[] {i == 0 ? 9.9 : -0.1, 0});
        }
        var interval = comparison.interval(0, 0, 1, 0.95, 1);
        var turned = comparison.interval(0, 1, 0, 0.95, 1);

        assertThat(interval.high()).isGreaterThan(-2 * interval.low());
        assertThat(turned).isEqualTo(new Estimate.Interval(-interval.high(), -interval.low()));
    }

    @Test
    void anEpisodeThatOneCannotUseIsLeftOut() {
        var comparison = new Comparison(2).add(new double[] {1, Double.NaN});

        assertThat(comparison.standardError(0, 1)).isNaN();
        assertThat(comparison.interval(2, 0, 1, 0.95, 1).low()).isNaN();
    }
}
