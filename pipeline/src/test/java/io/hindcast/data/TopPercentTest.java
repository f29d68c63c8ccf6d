package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopPercentTest {
    @ParameterizedTest
    @CsvSource({
        "70, 10, 7", // 70 * 0.1 is 7.000000000000001 in floating point
        "71, 10, 8",
        "3, 10, 1",
        "1, 0.001, 1",
        "1000, 0.7, 7",
        "79, 100, 79",
        "3, 33.3, 1",
        "3, 33.4, 2"
    })
    void theShareIsRoundedUpExactly(long episodes, double percent, long kept) {
        assertThat(TopPercent.kept(episodes, percent)).isEqualTo(kept);
    }

    @Test
    void nothingAndMoreThanEverythingAreRefused() {
        assertThatThrownBy(() -> TopPercent.kept(10, 0)).hasMessage("Cannot keep 0.0 percent of 10 episodes");
        assertThatThrownBy(() -> TopPercent.kept(10, 100.5)).hasMessage("Cannot keep 100.5 percent of 10 episodes");
    }
}
