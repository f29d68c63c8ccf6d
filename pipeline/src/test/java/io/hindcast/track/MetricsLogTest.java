package io.hindcast.track;

import static io.hindcast.track.SampleRuns.logged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.run.Metric;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsLogTest {
    private static final RunSpec RUN = SampleRuns.run(1);

    @TempDir
    Path out;

    @Test
    void aLineSaysRunStepMetricAndValue() throws IOException {
        try (var log = log()) {
            log.logged(RUN, List.of(new Metric(500, "critic/loss", 0.25)));
        }

        assertThat(lines("metrics.jsonl"))
                .containsExactly("{\"run_id\":\"" + RUN.id() + "\",\"name\":\"iql\",\"subset\":\"best\",\"seed\":1,"
                        + "\"step\":500,\"metric\":\"critic/loss\",\"value\":0.25}");
    }

    @Test
    void whatIsFlushedIsThereWhileTheJobGoesOn() throws IOException {
        try (var log = log()) {
            log.logged(RUN, logged(500));
            log.flush();
            assertThat(lines("metrics.jsonl")).hasSize(2);

            log.logged(RUN, logged(1000));
            log.flush();
            assertThat(lines("metrics.jsonl")).hasSize(4);
        }
        try (var files = Files.list(out.resolve("progress"))) {
            assertThat(files).as("nothing but the log, no checksums").hasSize(1);
        }
    }

    @Test
    void aRunThatIsTriedAgainWritesNoLineTwice() throws IOException {
        try (var log = log()) {
            log.logged(RUN, logged(500, 1000));
            log.logged(RUN, logged(500));
            log.logged(SampleRuns.run(2), logged(500));
            log.logged(RUN, logged(1000, 1500));
        }

        assertThat(lines("metrics.jsonl")).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void anotherJobAppendsWhatIsNew() throws IOException {
        try (var log = log()) {
            log.logged(RUN, logged(500, 1000));
        }
        try (var log = log()) {
            log.logged(RUN, logged(1000, 1500));
        }

        assertThat(lines("metrics.jsonl")).hasSize(6).doesNotHaveDuplicates();
        assertThat(out.resolve("progress/metrics-2.jsonl")).doesNotExist();
    }

    @Test
    void aHalfLineIsLeftAloneAndWhatItSaidStandsInTheNextFile() throws IOException {
        try (var log = log()) {
            log.logged(RUN, logged(500));
        }
        var file = out.resolve("progress/metrics.jsonl");
        Files.writeString(file, "{\"run_id\":\"" + RUN.id() + "\",\"st", StandardOpenOption.APPEND);
        try (var log = log()) {
            log.logged(RUN, logged(500, 1000));
        }
        try (var log = log()) {
            log.logged(RUN, logged(1500));
        }

        assertThat(lines("metrics.jsonl")).hasSize(3);
        assertThat(lines("metrics-2.jsonl")).hasSize(4);
    }

    @Test
    void ofAStepThatIsHalfThereTheRestIsWritten() throws IOException {
        try (var log = log()) {
            log.logged(RUN, logged(500).subList(0, 1));
        }
        try (var log = log()) {
            log.logged(RUN, logged(500));
        }

        assertThat(lines("metrics.jsonl")).hasSize(2);
        assertThat(lines("metrics.jsonl").get(1)).contains("policy/gradient-norm");
    }

    @Test
    void whereNothingCanBeAppendedEveryJobHasItsFile() throws IOException {
        for (var step = 500; step <= 1500; step += 500) {
            try (var log = new MetricsLog("noappend:" + out, withoutAppend())) {
                log.logged(RUN, logged(500, step));
            }
        }

        assertThat(lines("metrics.jsonl")).hasSize(2);
        assertThat(lines("metrics-2.jsonl")).hasSize(2).allMatch(line -> line.contains("\"step\":1000,"));
        assertThat(lines("metrics-3.jsonl")).hasSize(2).allMatch(line -> line.contains("\"step\":1500,"));
    }

    @Test
    void valuesThatAreNotFiniteAreStrings() throws IOException {
        try (var log = log()) {
            log.logged(RUN, List.of(new Metric(1, "a", Double.NaN), new Metric(1, "b", Double.NEGATIVE_INFINITY)));
        }

        assertThat(lines("metrics.jsonl").get(0)).endsWith("\"value\":\"NaN\"}");
        assertThat(lines("metrics.jsonl").get(1)).endsWith("\"value\":\"-Infinity\"}");
    }

    @Test
    void whatCannotBeWrittenIsCounted() throws IOException {
        Files.writeString(out.resolve("progress"), "a file where the folder should be");
        try (var log = log()) {
            assertThatThrownBy(() -> log.logged(RUN, logged(500)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith("Cannot write to " + out + "/progress: ");
            assertThat(log.unwritten()).isEqualTo(2);
        }
    }

    private MetricsLog log() {
        return new MetricsLog(out.toString(), new Configuration());
    }

    private List<String> lines(String name) throws IOException {
        return Files.readAllLines(out.resolve("progress").resolve(name));
    }

    private static Configuration withoutAppend() {
        var configuration = new Configuration();
        configuration.setClass("fs.noappend.impl", WithoutAppend.class, org.apache.hadoop.fs.FileSystem.class);
        return configuration;
    }

    /** Local files as an object store treats them. */
    public static final class WithoutAppend extends RawLocalFileSystem {
        @Override
        public java.net.URI getUri() {
            return java.net.URI.create("noappend:///");
        }

        @Override
        public FSDataOutputStream append(org.apache.hadoop.fs.Path file, int bufferSize, Progressable progress) {
            throw new UnsupportedOperationException("Append is not supported");
        }
    }
}
