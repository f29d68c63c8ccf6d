package io.hindcast.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ExactMomentsTest {
    @Test
    void momentsAreThoseOfEachQuantityWhereverTheNumbersWereCut() {
        var whole = new ExactMoments(2);
        var left = new ExactMoments(2);
        var right = new ExactMoments(2);
        for (var i = 0; i < 8; i++) {
            // Small steps on a large number: a sum in doubles would lose them.
            var value = 1e9 + i % 2;
            whole.add(0, value);
            (i < 3 ? right : left).add(0, value);
        }
        left.merge(right);

        assertThat(left.count(0)).isEqualTo(8);
        assertThat(left.mean(0)).isEqualTo(whole.mean(0)).isEqualTo(1e9 + 0.5);
        assertThat(left.standardDeviation(0))
                .isEqualTo(whole.standardDeviation(0))
                .isEqualTo(0.5, within(1e-12));
        assertThat(left.count(1)).isZero();
        assertThat(left.mean(1)).isZero();
    }

    @Test
    void whatIsBeyondAllNumbersStaysSo() {
        var moments = new ExactMoments(1);
        moments.add(0, 1);
        moments.add(0, Double.NEGATIVE_INFINITY);
        assertThat(moments.mean(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    }
}
