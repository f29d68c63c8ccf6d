package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SimplexProgrammeTest {
    @Test
    void independentErrorsAreWeighedByTheirInverse() {
        assertThat(SimplexProgramme.solve(new double[][] {{1, 0}, {0, 3}}))
                .containsExactly(new double[] {0.75, 0.25}, within(1e-12));
    }

    @Test
    void whatOnlyAddsErrorHasNoWeight() {
        assertThat(SimplexProgramme.solve(new double[][] {{1, 2}, {2, 5}})).containsExactly(1, 0);
    }

    @Test
    void oneOfTwoTheSameIsEnough() {
        var x = SimplexProgramme.solve(new double[][] {{2, 2, 0}, {2, 2, 0}, {0, 0, 2}});

        assertThat(x[0] + x[1]).isEqualTo(0.5, within(1e-9));
        assertThat(x[2]).isEqualTo(0.5, within(1e-9));
    }

    @Test
    void nothingToWeighByIsNoTrouble() {
        assertThat(Arrays.stream(SimplexProgramme.solve(new double[3][3])).sum())
                .isEqualTo(1);
    }

    @Test
    void noDirectionLeadsFurtherDown() {
        var random = new Random(4);
        for (var time = 0; time < 300; time++) {
            var size = random.nextInt(1, 25);
            var factors = new double[size][random.nextInt(1, 30)];
            for (var row : factors) {
                Arrays.setAll(row, i -> random.nextGaussian() + 0.5);
            }
            var a = new double[size][size];
            for (var i = 0; i < size; i++) {
                for (var j = 0; j < size; j++) {
                    a[i][j] = SimplexProgramme.dot(factors[i], factors[j]);
                }
            }
            var x = SimplexProgramme.solve(a);
            var slope = SimplexProgramme.times(a, x);
            var value = SimplexProgramme.dot(x, slope);
            assertThat(Arrays.stream(x).sum()).isEqualTo(1, within(1e-9));
            for (var j = 0; j < size; j++) {
                assertThat(x[j]).isNotNegative();
                assertThat(slope[j]).isGreaterThan(value - 1e-8);
            }
        }
    }
}
