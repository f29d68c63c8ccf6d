package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureFilesTest {
    private static final RunSpec RUN = SampleRuns.run(1);

    @TempDir
    Path out;

    @Test
    void aRunThatFailedHasAFileUntilItDoesNotFailAnyMore() throws IOException {
        var trace = "java.lang.Error: boom\n\tat io.hindcast.learn.Iql.update(Iql.java:120)";
        var file = out.resolve(FailureFiles.location(RUN));
        try (var files = new FailureFiles(out.toString(), new Configuration())) {
            files.ended(SampleRuns.run(2), new Outcome.Finished());
            assertThat(out.resolve("progress")).doesNotExist();

            files.failed(RUN, 6, Outcome.Failed.of("java.lang.Error: boom", trace));
            assertThat(file)
                    .hasContent("run " + RUN.id() + "\nname iql, subset best, seed 1\nfailed after 6 updates:"
                            + " java.lang.Error: boom\nat io.hindcast.learn.Iql.update(Iql.java:120)\n\n" + trace
                            + "\n");
            files.failed(RUN, 8, Outcome.Failed.of("ExecutorLostFailure", ""));
            assertThat(file)
                    .hasContent("run " + RUN.id()
                            + "\nname iql, subset best, seed 1\nfailed after 8 updates: ExecutorLostFailure\n");
            files.ended(RUN, Outcome.Failed.of("ExecutorLostFailure", ""));
            assertThat(file).exists();
        }
        try (var list = Files.list(file.getParent())) {
            assertThat(list).as("no checksums beside it").containsExactly(file);
        }
        try (var files = new FailureFiles(out.toString(), new Configuration())) {
            files.ended(RUN, new Outcome.Finished());
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void whatIsInTheWayIsSaid() throws IOException {
        Files.writeString(out.resolve("progress"), "");
        try (var files = new FailureFiles(out.toString(), new Configuration())) {
            assertThatThrownBy(() -> files.failed(RUN, 6, Outcome.Failed.of("lost", "")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith("Cannot write to " + out + "/progress/failed: ");
        }
    }
}
