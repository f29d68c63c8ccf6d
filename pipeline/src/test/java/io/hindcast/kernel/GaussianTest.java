package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;

class GaussianTest {
    @Test
    void tailsAreRightWhereverTheyBegin() {
        assertThat(Gaussian.logUpperTail(0)).isCloseTo(Math.log(0.5), within(1e-15));
        for (var x = -12.0; x < 26; x += 0.37) {
            assertThat(Gaussian.logUpperTail(x))
                    .as("at %s", x)
                    .isCloseTo(Math.log(0.5 * Erf.erfc(x / Math.sqrt(2))), within(1e-11 * Math.max(1, x * x)));
        }
        // Where a double holds no such probability: phi(x) / x (1 - 1 / x^2 + 3 / x^4 - ...), Abramowitz and Stegun
        // 26.2.12.
        var series = 1 - 1e-4 + 3e-8 - 15e-12;
        assertThat(Gaussian.logUpperTail(100))
                .isCloseTo(-5000 - 0.5 * Math.log(2 * Math.PI) + Math.log(series / 100), within(1e-9));
        assertThat(Gaussian.logUpperTail(Double.POSITIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Gaussian.logUpperTail(Double.NEGATIVE_INFINITY)).isCloseTo(0, within(1e-15));
    }
}
