package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchJudgeJobTest {
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
    void aPolicyIsJudgedByDecisionsWhichLeavesALine() throws Exception {
        assertThat(run("bench", "judge", "--set", "rows=[]", "--set", "decisions=400", "--out", directory.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        var lines = Files.readAllLines(directory.resolve("bench-judge.jsonl"));
        assertThat(lines).hasSize(1);
        var measurement = new ObjectMapper().readTree(lines.get(0));
        var keys = new ArrayList<String>();
        measurement.fieldNames().forEachRemaining(keys::add);
        assertThat(keys)
                .containsExactly(
                        "name",
                        "rows",
                        "policies",
                        "seconds",
                        "cpu_seconds",
                        "peak_heap_bytes",
                        "peak_memory_bytes",
                        "beside");
        assertThat(measurement.get("name").asText()).isEqualTo("400 decisions: judge");
        assertThat(List.of("rows", "policies", "seconds", "peak_heap_bytes"))
                .allMatch(key -> measurement.get(key).asDouble() > 0);
        assertThat(directory.resolve("bench-judge")).doesNotExist();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("| 400 decisions: judge ");
    }

    @Test
    void nothingToMeasureIsRefused() {
        assertThat(run("bench", "judge", "--set", "rows=[]", "--set", "decisions=0", "--out", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "Cannot use rows = [] and decisions = 0: there is nothing to measure; give one of them (in section bench-judge)\n");
    }

    private int run(String... args) {
        return Hindcast.run(Jobs.ALL, new PrintStream(out, true), new PrintStream(err, true), args);
    }
}
