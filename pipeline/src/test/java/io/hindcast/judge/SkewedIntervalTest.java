package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.judge.Estimate.Interval;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Intervals of estimates whose errors are skewed. */
class SkewedIntervalTest {
    @Test
    void withoutSkewnessTheIntervalIsStudentsToTheLastDigit() {
        for (var n : new long[] {2, 3, 10, 1000, 10_000_000}) {
            var estimate = Estimate.of("any", n, 0.7, 0.013, 0, 0.95, Interval.NONE);

            assertThat(estimate.interval()).isEqualTo(Interval.student(0.7, 0.013, n - 1, 0.95));
            assertThat(estimate.lowerBound(0.025)).isEqualTo(estimate.interval().low());
        }
    }

    /** With s = 0.6 and z = 0.1 + 0.331 / 0.6: cbrt(1 + 0.6 (z - 0.1)) = cbrt(1.331) = 1.1, and (1.1 - 1) / 0.2 = 0.5. */
    @Test
    void aQuantileIsThatOfTheFormula() {
        var z = 0.1 + 0.331 / 0.6;

        assertThat(Quantiles.skewed(z, 0.6)).isCloseTo(0.5, within(1e-15));
        assertThat(Quantiles.skewed(-z, -0.6)).isCloseTo(-0.5, within(1e-15));
        // Back by g, with a = 0.2.
        assertThat(0.5 + 0.2 * 0.25 + 0.04 * 0.125 / 3 + 0.1).isCloseTo(z, within(1e-15));
    }

    /** A cube root has no edge, wherever it lies; a formula that divides by a, or takes a root of a difference, has one. */
    @Test
    void quantilesRiseWhateverTheSkewness() {
        for (var skewness : new double[] {-5, -0.5, -1e-12, 1e-300, 0.2, 0.46, 3}) {
            var before = Double.NEGATIVE_INFINITY;
            for (var z = -4.0; z <= 4; z += 0.125) {
                var quantile = Quantiles.skewed(z, skewness);
                assertThat(quantile).as("z %s, skewness %s", z, skewness).isGreaterThan(before);
                before = quantile;
            }
        }
    }

    @Test
    void anIntervalReachesFartherToTheSideWhereRareEpisodesAre() {
        var interval = Estimate.of("any", 400, 1, 0.1, 0.2, 0.95, Interval.NONE).interval();

        assertThat(interval.high() - 1).isGreaterThan(1.15 * (1 - interval.low()));
    }

    /** Of rewards that are rarely far below their mean: Student's t puts the bound too high nearly twice as often as it says. */
    @Test
    void aLowerBoundHoldsWhereRewardsAreRarelyVeryLow() {
        var logs = 4000;
        var missedByStudent = 0;
        var missed = 0;
        for (var k = 0; k < logs; k++) {
            var estimate = estimate(k);
            missed += estimate.lowerBound(0.025) > 0 ? 1 : 0;
            missedByStudent += estimate.value() - estimate.half(0.95) > 0 ? 1 : 0;
        }

        assertThat(missedByStudent / (double) logs).isGreaterThan(0.04);
        assertThat(missed / (double) logs).isBetween(0.02, 0.034);
    }

    /** A hundred episodes that earn 0 on average, and that are far below it or a little above. */
    private static Estimate estimate(int seed) {
        var random = new SplittableRandom(seed);
        var log = new Episode[100];
        for (var i = 0; i < log.length; i++) {
            var reward = 1 + Math.log(1 - random.nextDouble());
            log[i] = new Episode.Fold("any", 1)
                    .step(new Episode.Step(0, 0, reward))
                    .end(Ending.TERMINATED, Double.NaN);
        }
        var sums = new Is().sums();
        for (var episode : log) {
            sums.add(episode);
        }
        var second = sums.second(Bootstrap.NONE);
        for (var episode : log) {
            second.add(episode, new long[0]);
        }
        return second.estimate(0.95);
    }
}
