package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchPredictJobTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    @BeforeAll
    static void keepSparkSmall() {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
    }

    @Test
    void aPolicyDecidesInATableWhichLeavesALine() throws Exception {
        assertThat(run(
                        "bench",
                        "predict",
                        "--set",
                        "rows=5000",
                        "--set",
                        "workloads=[grid]",
                        "--out",
                        directory.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        var lines = Files.readAllLines(directory.resolve("bench-predict.jsonl"));
        assertThat(lines).hasSize(2);
        var measurement = new ObjectMapper().readTree(lines.get(0));
        assertThat(measurement.get("name").asText()).isEqualTo("grid: predict");
        assertThat(List.of("rows", "seconds", "rows_per_second", "peak_heap_bytes"))
                .allMatch(key -> measurement.get(key).asDouble() > 0);
        assertThat(directory.resolve("bench-predict")).doesNotExist();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("| grid: predict ");
    }

    @Test
    void aWorkloadThatIsNotThereIsRefused() {
        assertThat(run("bench", "predict", "--set", "workloads=[maze]", "--out", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("Cannot use workloads = [maze]: there is no maze; give some of grid, antmaze (in section"
                        + " bench-predict)\n");
    }

    private int run(String... args) {
        return Hindcast.run(Jobs.ALL, new PrintStream(out, true), new PrintStream(err, true), args);
    }
}
