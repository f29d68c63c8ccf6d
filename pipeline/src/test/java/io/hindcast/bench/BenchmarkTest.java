package io.hindcast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.hindcast.bench.Benchmark.Trace;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.kernel.Nd4jKernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BenchmarkTest {
    private static final String TINY = "seconds = 0.05, warmup = 0, block = 0.005, replay = 1000, ";

    @TempDir
    Path directory;

    @Test
    void aMeasurementIsALineWithTheseKeys() throws Exception {
        var lines = measured("workloads = grid, learners = dqn, runs = [1, 2]");

        assertThat(lines).hasSize(2);
        var one = new ObjectMapper().readTree(lines.get(0));
        assertThat(one.fieldNames())
                .toIterable()
                .startsWith(
                        "workload",
                        "learner",
                        "threads",
                        "runs",
                        "updates_per_second_best",
                        "updates_per_second_median",
                        "useful_flops_per_update",
                        "sgemm_gflops",
                        "efficiency",
                        "heap_bytes_per_update");
        assertThat(one.get("workload").asText()).isEqualTo("grid");
        assertThat(one.get("learner").asText()).isEqualTo("dqn");
        assertThat(one.get("threads").asInt()).isEqualTo(1);
        assertThat(one.get("runs").asInt()).isEqualTo(1);
        assertThat(new ObjectMapper().readTree(lines.get(1)).get("runs").asInt())
                .isEqualTo(2);
    }

    @Test
    void efficiencyIsTheShareOfTheProductsRateThatUsefulWorkReaches() throws Exception {
        for (var line : measured("workloads = grid, learners = awr, runs = [1, 2]")) {
            var m = new ObjectMapper().readTree(line);
            var useful = m.get("useful_flops_per_update").asDouble()
                    * m.get("updates_per_second_best").asDouble();
            var possible =
                    m.get("sgemm_gflops").asDouble() * 1e9 * m.get("runs").asInt();
            assertThat(m.get("efficiency").asDouble()).isPositive().isCloseTo(useful / possible, within(0.001));
            assertThat(m.get("updates_per_second_best").asDouble())
                    .isGreaterThanOrEqualTo(m.get("updates_per_second_median").asDouble());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            workloads = antmaze, learners = [behaviour-cloning, fqe, iql, awac, awr, td3-bc] | 0.2
            workloads = antmaze, learners = cql-continuous | 1
            workloads = antmaze, learners = actor-critic | 8
            workloads = grid | 0.2
            """)
    void anUpdateAllocatesAlmostNothingOnceEveryPartHasRun(String what, double warmup) {
        var settings = "seconds = 0.05, block = 0.02, replay = 1000, runs = [1], warmup = " + warmup + ", " + what;
        var measurements = Benchmark.run(config(settings), new Benchmark.Listener() {
            @Override
            public void starts(int count, double seconds) {}

            @Override
            public void measured(Measurement measurement) {}
        });
        assertThat(measurements)
                .isNotEmpty()
                .allSatisfy(m -> assertThat(m.heapBytesPerUpdate())
                        .as(m.workload() + " " + m.learner())
                        .isLessThan(1000));
    }

    @Test
    void aPrecisionOfWhichNothingIsMultipliedHereIsRefusedBeforeAnythingIsMeasured() {
        System.setProperty("hindcast.blas", "nd4j");
        try {
            assertThatThrownBy(() -> measured("workloads = grid, precisions = [bfloat16]"))
                    .isInstanceOf(UserException.class)
                    .hasMessageEndingWith("finds neither AVX512_BF16 nor AMX here; use precision = float32");
        } finally {
            System.clearProperty("hindcast.blas");
        }
    }

    @Test
    void precisionsAreMeasuredOneAfterTheOtherAndEachHasItsOwnRoofline() throws Exception {
        try (var kernels = new Nd4jKernels()) {
            assumeTrue(kernels.roundsBy().isPresent(), "this processor does not multiply bfloat16");
        }
        var lines = measured("workloads = grid, learners = dqn, runs = 1, precisions = [float32, bfloat16-hidden]");
        assertThat(lines)
                .extracting(line ->
                        new ObjectMapper().readTree(line).get("precision").asText())
                .containsExactly("float32", "bfloat16-hidden");
        assertThat(new ObjectMapper().readTree(lines.get(1)).get("sgemm_blas").asText())
                .matches("oneDNN [0-9.]+ of bfloat16 by (AMX|AVX512_BF16)");
    }

    @Test
    void theTableHasARowAMeasurementUnderItsHeadings() {
        var table = BenchFolder.table(List.of(new Measurement(
                "grid", "dqn", 1, 2, 12345.67, 987.65, 4620288, 170.26, 0.123456, 96.4, "BLAS", "BLAS", 0, "float32")));

        assertThat(table)
                .containsExactly(
                        "| workload | learner | precision | runs | updates/s | median | Mflop/update | sgemm Gflop/s |"
                                + " efficiency |"
                                + " heap bytes/update |",
                        "|----------|---------|-----------|-----:|----------:|-------:|-------------:|--------------:|"
                                + "-----------:|"
                                + "------------------:|",
                        "| grid     | dqn     | float32   |    2 |    12,346 |  987.7 |          4.6 |         170.3 |"
                                + "      0.123 |"
                                + "                96 |");
    }

    /** The first run does 10 updates a second from 0 s to 4 s, the second 30 from 1 s to 5 s: 40 in what they share. */
    @Test
    void runsSideBySideAreAddedUpOverTheTimeInWhichAllWereMeasuring() {
        assertThat(Benchmark.jointRates(List.of(steady(0, 10), steady(1, 30))))
                .containsExactly(new double[] {40, 40, 40, 40, 40, 40}, within(1e-9));
    }

    @Test
    void runsThatDidNotOverlapAreNotAddedUp() {
        assertThatThrownBy(() -> Benchmark.jointRates(List.of(steady(0, 10), steady(5, 10))))
                .hasMessage("Cannot add up runs that were not measured at the same time: measure for longer");
    }

    @ParameterizedTest
    @CsvSource({
        "workloads = gird, 'Cannot use workload ''gird'' (in workloads): there is no such workload; did you mean ''grid''?'",
        "'workloads = grid, learners = td3-bc', 'Cannot use learner ''td3-bc'' of workloads [grid] (in learners): there is"
                + " no such learner; known are awac, awr, bcq-discrete, behaviour-cloning, cql-discrete, dqn, fqe, iql'",
        "runs = [], 'Cannot measure nothing: workloads, runs and precisions must have an entry each; see bench --help'",
        "seconds = 0, 'Cannot use bench.seconds = 0.0: it must be in (0, inf)'",
        "second = 1, 'Cannot use key ''bench.second'': there is no such key; did you mean ''seconds''?'"
    })
    void aBadSettingIsRefused(String settings, String message) {
        assertThatThrownBy(() -> config(settings))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void measurementsAreNotWrittenToAnotherMachine() {
        assertThatThrownBy(() -> BenchFolder.at("hdfs://host/bench"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot write measurements to hdfs://host/bench: it is not a directory of this machine;"
                        + " give --out a path");
    }

    @Test
    void aFileWhereTheFolderShouldBeIsTheUsersMistake() throws Exception {
        var file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> BenchFolder.at(file.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot write measurements to " + file + ": ");
    }

    private List<String> measured(String settings) throws Exception {
        var folder = BenchFolder.at(directory.toString());
        var heard = new ArrayList<Measurement>();
        Benchmark.run(config(TINY + settings), new Benchmark.Listener() {
            @Override
            public void starts(int measurements, double seconds) {
                assertThat(measurements).isEqualTo(2);
            }

            @Override
            public void measured(Measurement measurement) {
                heard.add(measurement);
                folder.write(List.of("a machine"), heard);
            }
        });
        assertThat(directory.resolve("bench.md")).content().startsWith("- a machine\n\n| workload |");
        return Files.readAllLines(directory.resolve("bench.jsonl"));
    }

    private static BenchConfig config(String settings) {
        return Settings.read(BenchConfig.class, ConfigFactory.parseString(settings), "bench");
    }

    /** Four seconds of blocks of a tenth of a second. */
    private static Trace steady(double from, double perSecond) {
        var times = new double[41];
        var updates = new double[41];
        for (var i = 0; i < times.length; i++) {
            times[i] = from + i / 10.0;
            updates[i] = perSecond * i / 10;
        }
        return new Trace(times, updates, 0, "BLAS", new Roofline(1, "BLAS"));
    }
}
