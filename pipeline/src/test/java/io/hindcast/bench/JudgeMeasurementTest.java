package io.hindcast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.bench.JudgeMeasurement.Beside;
import org.junit.jupiter.api.Test;

final class JudgeMeasurementTest {
    private static final JudgeMeasurement STATS = took("stats", 1, 10, 20, 400);
    private static final JudgeMeasurement JUDGE = took("judge", 10, 100, 160, 600);

    @Test
    void aRateIsOfEachPolicyAndHasTheStartInIt() {
        assertThat(JUDGE.beside(STATS).beside()).isEqualTo(new Beside("stats", 1, 1.25, 1.5));
        assertThat(JUDGE.beside(STATS).beside())
                .hasToString("1.00 times the rate of stats, 1.25 times by the CPU, 1.50 times the memory");
    }

    @Test
    void whatBothTakeToStartCanBeLeftOut() {
        var compared = JUDGE.beside(took("judge", 10, 20, 40, 300), STATS, took("stats", 1, 2, 14, 300));
        assertThat(compared.beside()).isEqualTo(new Beside("stats", 1, 0.5, 1.5));
        assertThat(compared.seconds()).isEqualTo(100);
    }

    @Test
    void whereThereIsHardlyMoreThanAStartNothingIsCompared() {
        assertThat(JUDGE.beside(took("judge", 10, 20, 160, 300), STATS, took("stats", 1, 2, 14, 300)))
                .isEqualTo(JUDGE);
    }

    private static JudgeMeasurement took(String name, int policies, double seconds, double cpuSeconds, long memory) {
        return new JudgeMeasurement(name, 1000, policies, seconds, cpuSeconds, 0, memory, null);
    }
}
