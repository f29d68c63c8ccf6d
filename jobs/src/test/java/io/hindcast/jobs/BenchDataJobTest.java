package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchDataJobTest {
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
    void aSmallLogGoesThroughAllStagesAndLeavesALineEach() throws Exception {
        assertThat(run("bench", "data", "--set", "rows=[1000]", "--out", directory.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        var names = new ArrayList<String>();
        for (var line : Files.readAllLines(directory.resolve("bench-data.jsonl"))) {
            var measurement = new ObjectMapper().readTree(line);
            names.add(measurement.get("name").asText());
            assertThat(measurement.get("rows_per_second").asDouble())
                    .isEqualTo(measurement.get("rows").asLong()
                            / measurement.get("seconds").asDouble());
            assertThat(measurement.get("peak_heap_bytes").asLong()).isPositive();
        }
        assertThat(names)
                .containsExactly(
                        "log of 1,000: written, in any order",
                        "log of 1,000: Spark alone, shuffle and sort",
                        "log of 1,000: timeline",
                        "log of 1,000: stats",
                        "log of 1,000: top-percent",
                        "log of 1,000: load into a replay buffer, one core");
        assertThat(directory.resolve("bench-data")).doesNotExist();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("| log of 1,000: timeline ");
    }

    @Test
    void aPythonThatSaysSomethingElseIsRefused() throws Exception {
        var python = directory.resolve("python");
        Files.writeString(python, "#!/bin/sh\necho No module named duckdb\nexit 1\n");
        assertThat(python.toFile().setExecutable(true)).isTrue();

        assertThat(run(
                        "bench",
                        "data",
                        "--set",
                        "rows=[1000]",
                        "--set",
                        "python=" + python,
                        "--out",
                        directory.toString()))
                .isEqualTo(2);

        assertThat(err.toString(StandardCharsets.UTF_8))
                .endsWith("Cannot measure " + python
                        + ": it says No module named duckdb; give a python that has duckdb and" + " polars\n");
    }

    private int run(String... args) {
        return Hindcast.run(Jobs.ALL, new PrintStream(out, true), new PrintStream(err, true), args);
    }
}
