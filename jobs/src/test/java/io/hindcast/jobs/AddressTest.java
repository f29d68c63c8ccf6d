package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of file systems that are not there: of object stores without their jars, of web servers, of nothing that is known. */
class AddressTest {
    private static final String CONF = """
            environment = pointmass-easy
            train.runs.bc.learner = behaviour-cloning
            ingest {
              format = csv, dataset = walks, input = x.csv
              action-space { type = continuous, dimension = 1, low = -1, high = 1 }
              columns { observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }
            }
            """;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeAll
    static void keepSparkSmall() {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
    }

    @ParameterizedTest
    @CsvSource({
        "s3a://bucket/x, S3AFileSystem of its file system is not there",
        "abfs://container@account/x, AzureBlobFileSystem of its file system is not there",
        "http://127.0.0.1:1/x, HttpFileSystem can neither list nor write files",
        "unknown://host/x, there is no file system for unknown://"
    })
    void anOutputThatCannotBeReachedIsOneLineInEveryJob(String out, String words) throws IOException {
        var conf = Files.writeString(directory.resolve("test.conf"), CONF).toString();
        assertSoftly(softly -> {
            for (var job : Jobs.ALL) {
                softly.assertThat(run(job.name(), "--conf", conf, "--out", out))
                        .as(job.name() + ": " + printed())
                        .isEqualTo(2);
                softly.assertThat(lines()).as(job.name()).hasSize(1);
                softly.assertThat(printed()).containsAnyOf(words, "it is not a directory of this machine");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "json", "parquet", "npz", "d4rl-hdf5", "minari", "rlds", "torchrl"})
    void anInputThatCannotBeReachedIsOneLineInEveryFormat(String format) throws IOException {
        var conf = Files.writeString(directory.resolve("test.conf"), CONF).toString();
        var out = directory.resolve("out").toString();
        assertSoftly(softly -> {
            for (var input : new String[] {
                "s3a://bucket/x", "abfs://container@account/x", "http://127.0.0.1:1/x", "unknown://host/x"
            }) {
                softly.assertThat(run(
                                "ingest", "--conf", conf, "--out", out, "--set", "input=" + input, "--set",
                                "format=" + format))
                        .as(input + ": " + printed())
                        .isEqualTo(2);
                softly.assertThat(lines()).as(format + " in " + input).hasSize(1);
            }
        });
        assertThat(directory.resolve("out/transitions")).doesNotExist();
    }

    private int run(String... args) {
        printed.reset();
        var stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return Hindcast.run(Jobs.ALL, stream, stream, args);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** But that a job starts. */
    private List<String> lines() {
        return printed().lines().filter(line -> !line.endsWith("] starts")).toList();
    }
}
