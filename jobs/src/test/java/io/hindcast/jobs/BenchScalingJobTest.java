package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchScalingJobTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    @Test
    void aSmallSweepLeavesALineWithTimeAndMemoryOfEachJob() throws Exception {
        assertThat(run("masters=[]", "sweeps=[3]", "checkpoints=[]"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        var lines = Files.readAllLines(directory.resolve("bench-many.jsonl"));
        assertThat(lines).hasSize(1);
        var measurement = new ObjectMapper().readTree(lines.get(0));
        assertThat(measurement.get("runs").asInt()).isEqualTo(3);
        assertThat(measurement.get("checkpoints").asInt()).isEqualTo(2);
        assertThat(measurement.get("report_bytes").asLong()).isGreaterThan(10_000);
        // The page, its numbers, and a picture at least.
        assertThat(measurement.get("report_files").asLong()).isGreaterThan(2);
        for (var job : List.of("train", "evaluate", "report")) {
            requireTaken(measurement.get(job));
            assertThat(out.toString(StandardCharsets.UTF_8)).containsPattern("\\| " + job + " +\\| +3 \\| +2 \\| ");
        }
        assertThat(directory.resolve("bench-scaling")).doesNotExist();
        assertThat(directory.resolve("bench-scaling.jsonl")).doesNotExist();
    }

    private static void requireTaken(JsonNode took) {
        assertThat(took.get("seconds").asDouble()).isBetween(1.0, 600.0);
        assertThat(took.get("cpu_seconds").asDouble()).isBetween(1.0, 600.0);
        assertThat(took.get("peak_heap_bytes").asLong()).isBetween(10L << 20, 4L << 30);
        assertThat(took.get("peak_memory_bytes").asLong()).isGreaterThan(50L << 20);
    }

    @Test
    void nothingToMeasureIsRefused() {
        assertThat(run("masters=[]", "sweeps=[]", "checkpoints=[]")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "Cannot measure scaling with masters = [], runs = [1, 2, 4, 8], sweeps = [] and checkpoints = []:"
                                + " there is nothing to measure; name a master and a number of runs, or a size of a sweep"
                                + " (in section bench-scaling)\n");
    }

    private int run(String... sets) {
        var args = new ArrayList<>(List.of("bench", "scaling", "--out", directory.toString()));
        for (var set : sets) {
            args.addAll(List.of("--set", set));
        }
        return Hindcast.run(
                Jobs.ALL, new PrintStream(out, true), new PrintStream(err, true), args.toArray(String[]::new));
    }
}
