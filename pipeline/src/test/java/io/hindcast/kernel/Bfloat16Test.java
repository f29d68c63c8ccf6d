package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Bfloat16Test {
    /** Between 1 and 2 neighbours are 1/128 apart, between -128 and -64 half of 1. */
    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(textBlock = """
                    0, 0
                    1, 1
                    1.003, 1
                    1.004, 1.0078125
                    -1.004, -1.0078125
                    -100.2, -100
                    -100.3, -100.5
                    3.14159265, 3.140625
                    """)
    void aNumberBecomesTheNearest(float given, float rounded) {
        assertThat(Bfloat16.round(given)).isEqualTo(rounded);
    }

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource({"1.00390625, 1", "1.01171875, 1.015625", "-1.00390625, -1", "100.25, 100", "100.75, 101"})
    void betweenTwoItBecomesTheOneWhoseLastBitIsZero(float middle, float even) {
        assertThat(Bfloat16.round(middle)).isEqualTo(even);
    }

    @Test
    void zeroKeepsItsSign() {
        assertThat(1 / Bfloat16.round(-0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    }

    @Test
    void whatIsNoNumberStaysNone() {
        // Its fraction is in the lower half, and would be gone.
        var low = Float.intBitsToFloat(0x7F800001);
        assertThat(Bfloat16.round(low)).isNaN();
        assertThat(Bfloat16.round(Float.intBitsToFloat(0x7FFFFFFF))).isNaN();
        assertThat(Bfloat16.round(Float.NaN)).isNaN();
    }

    @Test
    void infinityStaysAndTheLargestFloatsBecomeInfinite() {
        assertThat(Bfloat16.round(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Bfloat16.round(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Bfloat16.round(3.39e38f)).isEqualTo(0x1.FEp127f);
    }
}
