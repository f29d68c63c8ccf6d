package io.hindcast.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class ExactSumTest {
    @Test
    void whatIsSmallIsNotLostBesideWhatIsLarge() {
        // 1e100 + 1 - 1e100 is 0 in doubles.
        assertThat(sum(1e100, 1, -1e100)).isEqualTo(sum(1)).isEqualTo(sum(-1e100, 1, 1e100));
        assertThat(sum(Double.MIN_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE)).isEqualTo(sum(Double.MIN_VALUE));
        assertThat(sum(-3.5).units()).isEqualTo(BigInteger.valueOf(-7).shiftLeft(-ExactSum.LOWEST - 1));
    }

    @Test
    void manyNumbersBelowZeroCarryOn() {
        var sum = new ExactSum();
        for (var i = 0; i < 10_000; i++) {
            sum.add(-0.1);
        }
        var tenth = BigInteger.valueOf(3602879701896397L); // 0.1 is this over 2^55
        assertThat(sum.units())
                .isEqualTo(tenth.multiply(BigInteger.valueOf(-10_000)).shiftLeft(-ExactSum.LOWEST - 55));
    }

    @Test
    void aSumInTwoPartsIsTheSum() {
        var left = sum(0.1, -7e20, 3);
        left.merge(sum(1e-300, 7e20));

        assertThat(left).isEqualTo(sum(7e20, 3, 1e-300, 0.1, -7e20));
        assertThat(ExactSum.of(left.units(), left.beyond())).isEqualTo(left);
    }

    @Test
    void theSquareOfADoubleIsExact() {
        var squares = new ExactSum();
        squares.addSquare(0.1);
        var tenth = BigInteger.valueOf(3602879701896397L);
        assertThat(squares.units()).isEqualTo(tenth.pow(2).shiftLeft(-ExactSum.LOWEST - 110));
    }

    @Test
    void beyondAllDoublesItSaysSo() {
        assertThat(sum(1, Double.POSITIVE_INFINITY).beyond()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(sum(Double.NEGATIVE_INFINITY, 1, Double.POSITIVE_INFINITY).beyond())
                .isNaN();
    }

    private static ExactSum sum(double... values) {
        var sum = new ExactSum();
        for (var value : values) {
            sum.add(value);
        }
        return sum;
    }
}
