package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configurations that are shipped, on small files of their formats. */
class Hdf5IngestTest {
    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path folder;

    private StageContext context;

    @BeforeEach
    void open() {
        context = new StageContext(
                spark, new Warehouse(spark, folder.resolve("out").toString()), said::add);
    }

    @Test
    void aD4rlFileNeedsNoMapping() {
        var result = ingest("d4rl-hdf5.conf", Map.of("input", resource("d4rl.hdf5")));
        assertThat(result.summary())
                .isEqualTo(
                        "transitions v1: 9 transitions of 5 episodes from 12 rows of 1 files; quarantined 0 rows of 0"
                                + " episodes, 3 rows gave no transition (no successor was logged)");
        assertThat(said).contains("[ingest] episodes by ending: 1 open, 3 terminated, 1 truncated");
        var configuration =
                context.warehouse().require(TableName.TRANSITIONS).manifest().configuration();
        assertThat(configuration.get("action-space"))
                .isEqualTo(Map.of("type", "continuous", "dimension", 1, "low", -1.0, "high", 1.0));
        assertThat(configuration).containsEntry("episode-per", "done").containsEntry("on-break", "split");
    }

    @Test
    void severalTasksReadOneFile() {
        var result = ingest("d4rl-hdf5.conf", Map.of("input", resource("d4rl-parts.hdf5")));
        // 171 whole episodes lose a row each, and the open one its last.
        assertThat(result.summary())
                .startsWith("transitions v1: 119828 transitions of 172 episodes from 120000 rows of 1 files;");
        assertThat(said).contains("[ingest] episodes by ending: 1 open, 171 truncated");
    }

    @Test
    void anEpisodeThatJumpsIsSplitAndTheJobSaysHowOften() {
        var result = ingest(
                "d4rl-hdf5.conf",
                Map.of(
                        "input", resource("d4rl-parts.hdf5"),
                        "jump", "{ dimensions = [0], distance = 1.5 }",
                        "columns",
                                "{ observation = observations, action = actions, reward = rewards, terminated = terminals }"));
        assertThat(said)
                .contains("[ingest] 171 times an episode had a hole, a jump or an end within, and was split there");
        // Without timeouts nothing is truncated, and what jumps has no successor.
        assertThat(result.summary()).startsWith("transitions v1: 119828 transitions of 172 episodes");
        assertThat(said).contains("[ingest] episodes by ending: 172 open");
    }

    @Test
    void filesThatSayDifferentThingsAreRefused() {
        assertThatThrownBy(() -> ingest(
                        "d4rl-hdf5.conf",
                        Map.of(
                                "input",
                                "[\"" + resource("d4rl.hdf5") + "\",\"" + resource("d4rl-v110.hdf5") + "\",\""
                                        + resource("d4rl-types.hdf5") + "\"]")))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot read d4rl-v110.hdf5: its arrays are .*next_observations.*; ingest them apart, or"
                                + " give columns");
    }

    @Test
    void aDamagedFileIsRefusedInOneLine() throws IOException {
        var bytes = Files.readAllBytes(Path.of(resource("d4rl.hdf5")));
        Files.write(folder.resolve("cut.hdf5"), Arrays.copyOf(bytes, 9_000));
        assertThatThrownBy(() -> ingest(
                        "d4rl-hdf5.conf",
                        Map.of("input", folder.resolve("cut.hdf5").toString())))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read cut.hdf5: it is no whole HDF5 file (it has 9000 of " + bytes.length
                        + " bytes); copy or save it again");
    }

    @Test
    void aMinariFolderNeedsNoMapping() {
        var result = ingest("minari.conf", Map.of("input", resource("minari-goal")));
        assertThat(result.summary())
                .isEqualTo(
                        "transitions v1: 21 transitions of 11 episodes from 21 rows of 1 files; quarantined 0 rows of 0"
                                + " episodes, 0 rows gave no transition (no successor was logged)");
        assertThat(said).contains("[ingest] episodes by ending: 3 open, 4 terminated, 4 truncated");
        assertThat(transitions())
                .extracting(Transition::episodeId)
                .contains("minari-goal/episode_0", "minari-goal/episode_10");
    }

    @Test
    void discreteActionsOfMinariAreCounted() {
        ingest("minari.conf", Map.of("input", resource("minari-discrete")));
        assertThat(context.warehouse()
                        .require(TableName.TRANSITIONS)
                        .manifest()
                        .configuration()
                        .get("action-space"))
                .isEqualTo(Map.of("type", "discrete", "count", 3, "low", -1.0, "high", 1.0));
    }

    @Test
    void filesThatDisagreeOnTheirActionsAreReadWithThoseOfTheConf() throws IOException {
        for (var high : List.of("3.0", "4.0")) {
            var copy = folder.resolve("high-" + high);
            FileUtils.copyDirectory(Path.of(resource("minari-goal")).toFile(), copy.toFile());
            var metadata = copy.resolve("data/metadata.json");
            Files.writeString(metadata, Files.readString(metadata).replace("[1.0, 3.0]", "[1.0, " + high + "]"));
        }
        var inputs = "[\"" + folder.resolve("high-3.0") + "\",\"" + folder.resolve("high-4.0") + "\"]";
        assertThatThrownBy(() -> ingest("minari.conf", Map.of("input", inputs)))
                .isInstanceOf(UserException.class)
                .hasMessageMatching("Cannot read .*: its actions are .*high=\\[1.0, 4.0].*, those of .* are"
                        + " .*high=\\[1.0, 3.0].*; ingest them apart, or give action-space");
        var space = "{ type = continuous, dimension = 2, low = [-1, -2], high = [1, 4] }";
        assertThat(ingest("minari.conf", Map.of("input", inputs, "action-space", space))
                        .summary())
                .startsWith("transitions v1: 42 transitions of 22 episodes");
    }

    @Test
    void anNpzFileOfTransitionsIsReadByTheNamesOfItsArrays() throws IOException {
        npz("obs", "action", "reward", "done", "next_obs");
        var result = ingest(
                "npz.conf",
                Map.of("input", folder.resolve("log.npz").toString(), "columns.next-observation", "next_obs"));
        assertThat(result.summary()).startsWith("transitions v1: 4 transitions of 2 episodes from 4 rows");
        assertThat(said).contains("[ingest] episodes by ending: 1 open, 1 terminated");
    }

    @Test
    void anNpzFileOfOtherNamesIsReadWithAFewSettings() throws IOException {
        npz("observations", "actions", "rewards", "terminals", "unused");
        var settings = new TreeMap<String, String>();
        settings.put("input", folder.resolve("log.npz").toString());
        settings.put("columns.observation", "observations");
        settings.put("columns.action", "actions");
        settings.put("columns.reward", "rewards");
        settings.put("columns.done", "null");
        settings.put("columns.truncated", "terminals");
        var result = ingest("npz.conf", settings);
        // Row 1 is cut and has no successor, row 3 is the last.
        assertThat(result.summary()).startsWith("transitions v1: 2 transitions of 2 episodes from 4 rows");
        assertThat(said).contains("[ingest] episodes by ending: 1 open, 1 truncated");
    }

    private StageResult ingest(String conf, Map<String, String> settings) {
        var file = Path.of(System.getProperty("user.dir")).resolve("../conf/ingest/" + conf);
        var config = ConfigFactory.parseFile(file.toFile()).getConfig("ingest");
        for (var setting : settings.entrySet()) {
            var value = setting.getValue().startsWith("/") ? "\"" + setting.getValue() + "\"" : setting.getValue();
            config = config.withValue(
                    setting.getKey(),
                    Objects.requireNonNull(
                            ConfigFactory.parseString("v = " + value).root().get("v")));
        }
        return IngestStage.run(context, Settings.read(IngestConfig.class, config, ""));
    }

    private List<Transition> transitions() {
        var warehouse = context.warehouse();
        return warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .toList();
    }

    private static String resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Hdf5IngestTest.class.getResource("/hdf5/" + name))
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Four rows of one number each; the second one has the flag. */
    private void npz(String observation, String action, String reward, String flag, String next) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            put(zip, observation, 0, 1, 2, 3);
            put(zip, action, 0.5f, 0.5f, 0.5f, 0.5f);
            put(zip, reward, 1, 1, 1, 1);
            put(zip, flag, 0, 1, 0, 0);
            put(zip, next, 1, 2, 3, 4);
        }
        Files.write(folder.resolve("log.npz"), bytes.toByteArray());
    }

    private static void put(ZipOutputStream zip, String name, float... values) throws IOException {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + values.length + ",), }\n";
        var out = ByteBuffer.allocate(10 + header.length() + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        out.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        for (var value : values) {
            out.putFloat(value);
        }
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(out.array());
    }
}
