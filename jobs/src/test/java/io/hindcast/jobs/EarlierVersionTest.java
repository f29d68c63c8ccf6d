package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.run.CheckpointStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The promise of docs/compatibility.md, for an output that hindcast 0.1.0-SNAPSHOT wrote. */
class EarlierVersionTest {
    private static final Path EARLIER = Path.of("src/test/resources/out-0.1.0");

    @TempDir
    Path directory;

    private TrainingFolder out;
    private String said = "";

    @BeforeEach
    void copy() throws IOException {
        FileUtils.copyDirectory(EARLIER.toFile(), directory.toFile());
        out = new TrainingFolder(directory.resolve("out"));
    }

    @Test
    void whatItDidIsDone() throws IOException {
        var before = files();
        assertThat(hindcast("pipeline")).as(said).isZero();
        assertThat(said.lines().filter(line -> line.contains("nothing to do")))
                .as(said)
                .hasSize(6);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void itsTablesAreRead() throws IOException {
        var rows = new TreeMap<String, Long>();
        try (var spark = SparkSession.builder()
                        .master("local[1]")
                        .config("spark.ui.enabled", "false")
                        .getOrCreate();
                var tables = Files.list(out.path())) {
            for (var table : tables.filter(folder -> Files.exists(folder.resolve("v1/_manifest.json")))
                    .toList()) {
                var name = table.getFileName().toString();
                var read = spark.read()
                        .format("hindcast")
                        .option("table", name)
                        .load(out.path().toString())
                        .collectAsList();
                assertThat(read).as(name).hasSize(manifest(table, 1).get("rows").asInt());
                rows.put(name, (long) read.size());
            }
        }
        assertThat(rows)
                .containsEntry("transitions", 42L)
                .containsEntry("episodes", 12L)
                .containsEntry("runs", 1L)
                .containsEntry("predictions", 8L);
        assertThat(rows.keySet()).contains("dataset_state", "dataset_stats", "subsets", "metrics", "estimates");
    }

    @Test
    void itsRunGoesOnFromItsCheckpoint() throws IOException {
        var run = run(out);
        for (var made : List.of("runs", "metrics", "policies", "estimates", "judge")) {
            FileUtils.deleteDirectory(out.path().resolve(made).toFile());
        }
        FileUtils.deleteDirectory(checkpoint(out, run, 40).toFile());
        assertThat(hindcast("train")).as(said).isZero();
        assertThat(said).contains("iql on all, seed 1: starts after update 20");

        assertThat(out.steps()).containsExactly(0L, 20L, 40L);
        assertThat(out.column("runs", "outcome")).containsExactly("finished");
        var then = state(new TrainingFolder(EARLIER.resolve("out")), run);
        // What multiplies may round otherwise on another machine.
        state(out, run)
                .forEach((name, values) -> assertThat(values)
                        .as(name)
                        .containsExactly(Objects.requireNonNull(then.get(name)), offset(1e-5f)));
    }

    @Test
    void itsTablesAreAppendedToAndAPolicyBeginsWhereItsPolicyEnded() throws IOException {
        var earlier = run(out);
        FileUtils.copyDirectory(
                directory.resolve("later").toFile(), directory.resolve("logs").toFile());
        assertThat(hindcast("pipeline")).as(said).isZero();

        assertThat(out.column("episodes", "episode_id")).hasSize(18);
        assertThat(manifest(out.path().resolve("transitions"), 2)
                        .at("/parents/0/version")
                        .asInt())
                .isEqualTo(1);
        assertThat(out.column("runs", "run_id")).hasSize(1).doesNotContain(earlier);
        var run = out.column("runs", "run_id").get(0);
        assertThat(Files.readString(checkpoint(out, run, 40).resolve("checkpoint.json")))
                .contains(earlier);
    }

    @Test
    void itsPolicyDecidesAsItDid() throws IOException {
        var then = out.column("predictions", "action_index");
        var likely = out.column("predictions", "propensity");
        FileUtils.deleteDirectory(out.path().resolve("predictions").toFile());
        FileUtils.deleteDirectory(out.path().resolve("prediction_quarantine").toFile());
        assertThat(hindcast("predict")).as(said).isZero();

        assertThat(out.column("predictions", "action_index")).isEqualTo(then).contains("0", "1");
        var now = out.column("predictions", "propensity");
        for (var i = 0; i < likely.size(); i++) {
            assertThat(Double.parseDouble(now.get(i))).isEqualTo(Double.parseDouble(likely.get(i)), offset(1e-5));
        }
    }

    /** With the conf file that made it. */
    private int hindcast(String job) {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        var bytes = new ByteArrayOutputStream();
        var stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        var code = Hindcast.run(
                Jobs.ALL,
                stream,
                stream,
                job,
                "--conf",
                directory.resolve("shop.conf").toString(),
                "--set",
                "ingest.input=[\"" + directory.resolve("logs") + "\"]",
                "--set",
                "predict.input=[\"" + directory.resolve("visitors.csv") + "\"]",
                "--out",
                out.path().toString());
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private Map<Path, FileTime> files() throws IOException {
        var times = new TreeMap<Path, FileTime>();
        try (var files = Files.walk(out.path())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                times.put(file, Files.getLastModifiedTime(file));
            }
        }
        return times;
    }

    private static JsonNode manifest(Path table, int version) throws IOException {
        return new ObjectMapper()
                .readTree(table.resolve("v" + version + "/_manifest.json").toFile());
    }

    /** The only one. */
    private static String run(TrainingFolder folder) throws IOException {
        try (var runs = Files.list(folder.path().resolve("checkpoints"))) {
            return runs.toList().get(0).getFileName().toString();
        }
    }

    private static Path checkpoint(TrainingFolder folder, String run, long step) {
        return folder.path().resolve("checkpoints").resolve(CheckpointStore.location(run, step));
    }

    /** What was learned after 40 updates. */
    private static Map<String, float[]> state(TrainingFolder folder, String run) {
        var store = new CheckpointStore(folder.path().resolve("checkpoints").toString(), new Configuration());
        var state = new TreeMap<String, float[]>();
        store.read(run, 40).tensors().forEach((name, tensor) -> state.put(name, tensor.values()));
        return state;
    }
}
