package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.stage.RunMessages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in a JVM in which Spark runs already, as on Databricks: they leave both as they were. */
class GuestTest {
    @TempDir
    Path directory;

    private SparkSession platform;

    @BeforeEach
    void start() {
        platform = SparkSession.builder()
                .master("local[1]")
                .appName("platform")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.session.timeZone", "Europe/Berlin")
                .getOrCreate();
    }

    @AfterEach
    void stop() {
        platform.stop();
    }

    @Test
    void theSessionOfAPlatformIsUsedAndGoesOn() throws IOException {
        var out = System.out;
        var err = System.err;

        Hindcast.main("pipeline", new String[] {"--conf", conf(log()).toString(), "--out", path("out")});

        try (var published = Files.walk(directory.resolve("out/policies"))) {
            assertThat(published).anyMatch(path -> path.endsWith("policy.onnx"));
        }
        assertThat(platform.sparkContext().isStopped()).isFalse();
        assertThat(platform.range(3).count()).isEqualTo(3);
        assertThat(platform.sparkContext().appName()).isEqualTo("platform");
        assertThat(platform.conf().get("spark.sql.session.timeZone")).isEqualTo("Europe/Berlin");
        assertThat(platform.conf().get("spark.sql.parquet.compression.codec")).isEqualTo("snappy");
        assertThat(platform.conf()
                        .getOption("parquet.page.verify-checksum.enabled")
                        .isDefined())
                .isFalse();
        assertThat(System.out).isSameAs(out);
        assertThat(System.err).isSameAs(err);
    }

    @Test
    void whatRunsSayToTheDriverEndsWithTheSessionThatHears() throws IOException {
        platform.stop();
        SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", RunMessages.class.getName())
                .getOrCreate()
                .stop();
        start();

        Hindcast.main("pipeline", new String[] {"--conf", conf(log()).toString(), "--out", path("out")});

        assertThat(directory.resolve("out/policies")).isNotEmptyDirectory();
    }

    @Test
    void whatDoesNotEndWellIsAnExceptionAndTheJvmGoesOn() throws IOException {
        var conf = conf(directory.resolve("nowhere.csv")).toString();
        var err = System.err;
        var said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> Hindcast.main("ingest", new String[] {"--conf", conf, "--out", path("out")}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("hindcast ended with exit code 2; stderr says why");
        } finally {
            System.setErr(err);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("nowhere.csv");
        assertThat(platform.sparkContext().isStopped()).isFalse();
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private Path log() throws IOException {
        return Files.writeString(directory.resolve("log.csv"), "episode,t,x,a,r,end\n1,0,0.5,1,2,0\n1,1,1.5,0,3,1\n");
    }

    private Path conf(Path log) throws IOException {
        return Files.writeString(directory.resolve("my.conf"), """
                stages = [ingest, train]
                train {
                  seeds = [1], updates = 2, batch-size = 2
                  runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [4] }
                }
                ingest {
                  format = csv, dataset = walks, input = ["%s"]
                  action-space { type = continuous, dimension = 1 }
                  columns { observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }
                }
                """.formatted(log));
    }
}
