package io.hindcast.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {
    @Test
    void fourNumbersAreSummedUpByHand() {
        var four = of(2, 4, 4, 6);

        assertThat(four.count()).isEqualTo(4);
        assertThat(four.mean()).isEqualTo(4);
        assertThat(four.standardDeviation()).isEqualTo(Math.sqrt(2));
        assertThat(four.min()).isEqualTo(2);
        assertThat(four.max()).isEqualTo(6);
        assertThat(four.quantiles(0, 0.25, 0.26, 0.75, 0.76, 1)).containsExactly(2, 2, 4, 4, 6, 6);
        assertThat(four.isConstant()).isFalse();
        assertThat(of(7, 7).isConstant()).isTrue();
        assertThat(new Distribution().isConstant()).isFalse();
    }

    @Test
    void aLargeOffsetDoesNotEatTheDeviation() {
        assertThat(of(1e9 + 1, 1e9 + 2, 1e9 + 3).standardDeviation()).isEqualTo(Math.sqrt(2.0 / 3));
        assertThat(of(1e-200, 3e-200).mean()).isEqualTo(2e-200);
    }

    @Test
    void flagsAreZerosAndOnes() {
        var flags = Distribution.ofFlags(8, 2);

        assertThat(flags.mean()).isEqualTo(0.25);
        assertThat(flags.standardDeviation()).isCloseTo(Math.sqrt(0.1875), within(1e-15));
        assertThat(flags.quantiles(0.75, 0.76)).containsExactly(0, 1);
        assertThat(Distribution.ofFlags(0, 0).count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-30, 0.1, 3.14159, 2047, 2049.5, 1e20})
    void aQuantileIsNearTheValueAndTowardsZero(double value) {
        // Others around it, so that it is neither the least nor the greatest.
        var positive = of(0, value, 1e30).quantile(0.5);
        var negative = of(-1e30, -value, 0).quantile(0.5);

        assertThat(positive).isLessThanOrEqualTo(value).isGreaterThan(value * (1 - 0x1p-10));
        assertThat(negative).isEqualTo(-positive);
    }

    @Test
    void wholeNumbersBelow2048AreExact() {
        var all = of(DoubleStream.iterate(-2047, i -> i + 1).limit(4095).toArray());

        assertThat(all.quantile(0.5)).isZero();
        assertThat(all.histogram().buckets()).isEqualTo(4095);
        assertThat(all.histogram().at(-1234)).isEqualTo(1);
        assertThat(all.histogram().above(2040)).isEqualTo(7);
        assertThat(of(-0.0, 0.0).histogram().buckets()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5})
    void whereTheNumbersAreCutDoesNotMatter(int cut) {
        var numbers = new double[] {0.1, -7, 1e10, 0.1, -0.25};
        var left = of(Arrays.copyOf(numbers, cut));
        left.merge(of(Arrays.copyOfRange(numbers, cut, 5)));

        assertThat(bytes(left)).isEqualTo(bytes(of(0.1, 0.1, 1e10, -0.25, -7)));
        assertThat(bytes(Distribution.read(new StateReader(bytes(left))))).isEqualTo(bytes(left));
    }

    @Test
    void binsCountWhatIsInThem() {
        assertThat(of(0, 0.5, 1, 9, 10, 11).histogram().binned(0, 10, 10))
                .containsExactly(2, 1, 0, 0, 0, 0, 0, 0, 0, 2);
    }

    @Test
    void theStabilityIndexIsAsWorkedOutByHand() {
        // Deciles of 1 to 10 are 1 to 9, a tenth each; now 1 holds half of the numbers and 2 to 6 a tenth each.
        var reference = of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        var now = of(1, 1, 1, 1, 1, 2, 3, 4, 5, 6);
        var byHand = 0.4 * Math.log(5) + 4 * (1e-4 - 0.1) * Math.log(1e-3);

        assertThat(psi(reference, now)).isCloseTo(byHand, within(1e-12));
        assertThat(psi(reference, reference)).isZero();
        assertThat(psi(of(0, 0, 0, 1), of(0, 1, 1, 1))).isCloseTo(2 * 0.5 * Math.log(3), within(1e-12));
        assertThat(psi(new Distribution(), now)).isZero();
    }

    private static double psi(Distribution reference, Distribution now) {
        return BitHistogram.populationStability(reference.histogram(), now.histogram());
    }

    private static byte[] bytes(Distribution distribution) {
        var out = new StateWriter();
        distribution.write(out);
        return out.bytes();
    }

    private static Distribution of(double... values) {
        var distribution = new Distribution();
        for (var value : values) {
            distribution.add(value);
        }
        return distribution;
    }
}
