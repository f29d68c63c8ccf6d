package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.run.Seeds;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Test;

class AggregateTest {
    private static Aggregate of(double... scores) {
        return Aggregate.of(scores, new Seeds(7).generator("test", 0));
    }

    @Test
    void theSpreadOfThreeSeedsIsDividedByTwo() {
        // Deviations -3, 0, 3: squares 18, halved 9.
        var aggregate = of(-24, -21, -18);
        assertThat(aggregate.count()).isEqualTo(3);
        assertThat(aggregate.mean()).isCloseTo(-21, within(1e-12));
        assertThat(aggregate.standardDeviation()).isCloseTo(3, within(1e-12));
    }

    @Test
    void oneSeedHasNoSpreadAndItsIntervalIsThatScore() {
        var aggregate = of(5);
        assertThat(aggregate.mean()).isEqualTo(5);
        assertThat(aggregate.standardDeviation()).isNaN();
        assertThat(aggregate.interval()).isEqualTo(new Aggregate.Interval(5, 5));
    }

    @Test
    void noScoresGiveNoFigures() {
        var aggregate = of();
        assertThat(aggregate.count()).isZero();
        assertThat(aggregate.mean()).isNaN();
        assertThat(aggregate.interquartileMean()).isNaN();
        assertThat(aggregate.interval().low()).isNaN();
    }

    @Test
    void theInterquartileMeanForgetsTheLowestAndTheHighestQuarter() {
        // Of eight scores two go at either end: 3, 4, 5, 6 are left, in whatever order they came.
        assertThat(Aggregate.interquartileMean(1000, 4, 2, 6, -1000, 5, 3, 7)).isEqualTo(4.5);
        // Of three none goes.
        assertThat(Aggregate.interquartileMean(0, 3, 30)).isEqualTo(11);
    }

    @Test
    void theBootstrapOfTwoScoresKnowsThreeMeans() {
        // Samples of {0, 1} have means 0, 1/2, 1 with probabilities 1/4, 1/2, 1/4: the 95 % interval is all of it, and
        // the
        // 40 % interval (30th to 70th percentile) the middle alone.
        var scores = new double[] {0, 1};
        var random = new Seeds(7).generator("test", 1);
        assertThat(Aggregate.bootstrap(scores, StatUtils::mean, 0.95, 1_000, random))
                .isEqualTo(new Aggregate.Interval(0, 1));
        assertThat(Aggregate.bootstrap(scores, StatUtils::mean, 0.4, 1_000, random))
                .isEqualTo(new Aggregate.Interval(0.5, 0.5));
    }

    @Test
    void theSameChanceGivesTheSameInterval() {
        assertThat(of(3, 1, 4, 1, 5)).isEqualTo(of(3, 1, 4, 1, 5));
    }
}
