package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BenchmarkTest {
    /** What the peers' benchmark counts for the same workloads, printed by it. */
    @ParameterizedTest
    @CsvSource({
        "antmaze, behaviour-cloning, 111.4112",
        "antmaze, iql, 556.138496",
        "antmaze, awac, 602.537984",
        "antmaze, td3-bc, 429.326336",
        "antmaze, cql-continuous, 7244.480512",
        "grid, behaviour-cloning, 3.457024",
        "grid, dqn, 4.620288",
        "grid, cql-discrete, 4.620288",
        "grid, iql, 12.435456",
        "grid, awac, 10.40384",
        "course, iql, 1674.182656",
        "course, awac, 2094.53056"
    })
    void usefulOperationsAreCountedAsOthersCountThem(String workload, String learner, double megaflops) {
        assertThat(Objects.requireNonNull(Workload.ALL.get(workload)).usefulFlops(learner))
                .isCloseTo(megaflops * 1e6, within(1.0));
    }

    @Test
    void everyLearnerOfTheGridIsMeasuredAndMoves() {
        var config = Settings.read(
                BenchConfig.class,
                ConfigFactory.parseString(
                        "workloads = [grid], runs = [1, 2], seconds = 0.05, warmup = 0.02, block = 0.01,"
                                + " replay = 1000"),
                "bench");
        var told = new ArrayList<String>();
        var measurements = Benchmark.run(config, new Benchmark.Listener() {
            @Override
            public void starts(String workload, String learner, int runs) {
                told.add(learner + " " + runs);
            }

            @Override
            public void measured(Benchmark.Measurement measurement) {}
        });
        assertThat(told).hasSize(12).startsWith("behaviour-cloning 1", "behaviour-cloning 2");
        assertThat(measurements).hasSize(12).allSatisfy(m -> {
            assertThat(m.updatesPerSecondBest()).isGreaterThanOrEqualTo(m.updatesPerSecondMedian());
            assertThat(m.efficiency())
                    .isCloseTo(
                            m.usefulFlopsPerUpdate() * m.updatesPerSecondBest() / (m.sgemmGflops() * 1e9 * m.runs()),
                            within(1e-9));
        });
    }

    @Test
    void anUpdateAllocatesAlmostNothing() {
        // Ten critics of which two at random are asked need longer until each was prepared once.
        var cases = Map.of(
                "workloads = [antmaze], learners = [behaviour-cloning, iql, awac, awr, td3-bc, cql-continuous]", 0.2,
                "workloads = [antmaze], learners = [actor-critic]", 1.5,
                "workloads = [grid]", 0.2);
        cases.forEach((what, warmup) -> {
            var config = Settings.read(
                    BenchConfig.class,
                    ConfigFactory.parseString(
                            what + ", runs = [1], seconds = 0.05, block = 0.02, replay = 1000, warmup = " + warmup),
                    "bench");
            assertThat(Benchmark.run(config, QUIET))
                    .isNotEmpty()
                    .allSatisfy(measurement -> assertThat(measurement.heapBytesPerUpdate())
                            .as(measurement.workload() + " " + measurement.learner())
                            .isLessThan(1000));
        });
    }

    private static final Benchmark.Listener QUIET = new Benchmark.Listener() {
        @Override
        public void starts(String workload, String learner, int runs) {}

        @Override
        public void measured(Benchmark.Measurement measurement) {}
    };

    @Test
    void whatCannotBeMeasuredIsRefused() {
        assertThatThrownBy(() ->
                        Settings.read(BenchConfig.class, ConfigFactory.parseString("workloads = [antmace]"), "bench"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("antmaze");
        assertThatThrownBy(
                        () -> Settings.read(BenchConfig.class, ConfigFactory.parseString("learners = [sac]"), "bench"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sac");
    }
}
