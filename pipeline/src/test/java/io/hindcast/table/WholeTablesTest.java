package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.timeline.Assembled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever byte of whatever file of a table is another one, it is refused: with nothing of Hadoop's beside it. */
class WholeTablesTest {
    private static final Request REQUEST = new Request("ingest", Map.of("gamma", 0.5), List.of(), List.of());
    private static final int TICK = 20;

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path out;

    private Warehouse warehouse;

    @BeforeEach
    void open() {
        warehouse = new Warehouse(spark, out.toString());
    }

    @Test
    void noChecksumsOfHadoopAreWrittenBesideAnyFile() throws IOException {
        haveTransitions();
        haveWrittenBySpark();
        warehouse.publish(TableName.DATASET_STATE, REQUEST, List.<@Nullable Object[]>of(new Object[] {new byte[] {1}}));

        try (var files = Files.walk(out)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("_manifest.json")
                    .noneMatch(name -> name.endsWith(".crc") || name.startsWith("."));
        }
    }

    @Test
    void everyByteOfEveryFileCounts() throws Exception {
        haveTransitions();
        var written = haveWrittenBySpark();
        for (var table : List.of(TableName.TRANSITIONS, TableName.EPISODES, written)) {
            var version = warehouse.latest(table).orElseThrow();
            var folder = Path.of(version.path());
            var rows = rows(table);
            try (var files = Files.list(folder)) {
                for (var file : files.toList()) {
                    flipEach(file, version);
                }
            }
            assertThat(rows(table)).isEqualTo(rows);
        }
    }

    /** Each byte of a file in turn. */
    private void flipEach(Path file, TableVersion version) throws Exception {
        // Within one tick of the file system's clock a file could change unseen.
        Thread.sleep(TICK);
        var bytes = Files.readAllBytes(file);
        for (var i = 0; i < bytes.length; i++) {
            var flipped = bytes.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            Files.write(file, flipped);
            if (isNameOfTheSeal(bytes, i) && isJson(flipped)) {
                // As if it had none: all that it says is as it was.
                assertThat(warehouse.latest(version.table())).contains(version);
                continue;
            }
            assertThatThrownBy(() -> rows(version.table()), "byte %d of %d of %s", i, bytes.length, file)
                    .isInstanceOf(UserException.class)
                    .hasMessageMatching("Cannot read " + Pattern.quote(file.toString())
                            + ": the file is damaged; put it back from a copy, or remove " + out + "/[^;]* and run"
                            + " [^;]* again");
        }
        Files.write(file, bytes);
        Thread.sleep(TICK);
    }

    private static boolean isJson(byte[] bytes) throws IOException {
        try {
            Json.MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static boolean isNameOfTheSeal(byte[] bytes, int place) {
        var start = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("\"sha256\"") + 1;
        return bytes[0] == '{' && place >= start && place < start + "sha256".length();
    }

    @Test
    void aFileThatIsShorterIsDamagedAndOneThatIsGoneWasNeverThere() throws IOException {
        haveTransitions();
        var first = warehouse.latest(TableName.TRANSITIONS).orElseThrow();
        haveTransitions();
        var part = Path.of(
                warehouse.latest(TableName.TRANSITIONS).orElseThrow().files().get(0));
        var bytes = Files.readAllBytes(part);

        Files.write(part, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> warehouse.snapshot())
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read " + part + ": the file is damaged; put it back from a copy, or remove " + out
                        + "/transitions, " + out + "/episodes and " + out
                        + "/quarantine and run ingest or collect again");

        // As a store leaves it that renames file by file, of a writer that was killed.
        Files.delete(part);
        assertThat(warehouse.snapshot().require(TableName.TRANSITIONS)).isEqualTo(first);
        assertThat(warehouse.snapshot().leftOut()).contains("transitions v2 is not read: " + part + " is not there");
    }

    @Test
    void oneThatGoesWhileItIsReadIsNamed() throws IOException {
        haveTransitions();
        var version = warehouse.latest(TableName.TRANSITIONS).orElseThrow();
        Files.delete(Path.of(version.files().get(0)));

        assertThatThrownBy(() -> warehouse.files(version))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read " + version.files().get(0)
                        + ": the file is not there any more; put it back from a copy");
    }

    @Test
    void whatAnEarlierHindcastWroteIsReadAndItsChecksumsCount() throws Exception {
        haveTransitions();
        var version = warehouse.latest(TableName.TRANSITIONS).orElseThrow();
        var rows = rows(TableName.TRANSITIONS);
        var manifest = Path.of(version.path(), "_manifest.json");
        Manifests.edit(manifest, text -> text);
        var local = FileSystem.getLocal(new Configuration());
        for (var file : List.of(manifest, Path.of(version.files().get(0)))) {
            var bytes = Files.readAllBytes(file);
            try (var stream = local.create(new org.apache.hadoop.fs.Path(file.toString()), true)) {
                stream.write(bytes);
            }
            assertThat(file.resolveSibling("." + file.getFileName() + ".crc")).exists();
        }
        assertThat(rows(TableName.TRANSITIONS)).isEqualTo(rows);

        Thread.sleep(TICK);
        Files.writeString(manifest, Files.readString(manifest).replace("\"gamma\" : 0.5", "\"gamma\" : 0.7"));
        assertThatThrownBy(() -> rows(TableName.TRANSITIONS))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read " + manifest + ": the file is damaged; put it back from a copy");
    }

    private List<Row> rows(TableName table) {
        return warehouse.read(warehouse.latest(table).orElseThrow()).collectAsList();
    }

    private void haveTransitions() {
        try (var publication = warehouse.begin(TableName.TRANSITIONS);
                var writer = new DatasetWriter(publication)) {
            writer.publish(writer.write(episodes()), REQUEST, Optional.empty());
        }
    }

    private TableName haveWrittenBySpark() {
        var table = TableName.SUBSETS;
        var rows = List.of(RowFactory.create("all", 0, "b", 2.0, 3L, null));
        warehouse.publish(table, REQUEST, spark.createDataFrame(rows, table.schema()));
        return table;
    }

    private static List<Assembled> episodes() {
        var steps = new ArrayList<Transition>();
        for (var step = 0; step < 3; step++) {
            steps.add(new Transition(
                    "one",
                    step,
                    new float[] {step, 1},
                    new Action.Index(step),
                    0.5,
                    new float[] {step + 1, 1},
                    step == 2,
                    false,
                    null,
                    null,
                    null,
                    null,
                    "a.csv",
                    step));
        }
        return List.of(Assembled.of(steps));
    }
}
