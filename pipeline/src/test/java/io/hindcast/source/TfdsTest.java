package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.UserException;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that TFDS itself wrote, see make.py among the resources. */
class TfdsTest {
    static final String TRAIN = "demo-train.tfrecord-00000-of-00001";
    private static final Configuration HADOOP = new Configuration();
    private static final PlannedLogs.Rules RULES = new PlannedLogs.Rules(Format.TFDS, EpisodePer.COLUMN, null, false);

    @TempDir
    Path folder;

    private Path train;

    @BeforeEach
    void copy() throws IOException {
        train = folder.resolve(TRAIN);
        for (var name : List.of(TRAIN, "features.json", "dataset_info.json")) {
            Files.copy(path("tfrecord/" + name), folder.resolve(name));
        }
    }

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(TfdsTest.class.getResource("/tfds/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FilePlan plan(Path file, @Nullable ColumnMapping columns) throws IOException {
        var input = new InputFile(file.getFileName().toString(), file.toString(), Files.size(file));
        return PlannedLogs.plan(input, columns, RULES, HADOOP);
    }

    /** All rows of such records. */
    static void rows(Records records) {
        try {
            var json = Files.readString(path("tfrecord/features.json"));
            var features = Objects.requireNonNull(TfdsFeatures.of("demo", json));
            var names = features.all().stream()
                    .filter(TfdsFeatures.Feature::isNumeric)
                    .map(TfdsFeatures.Feature::name)
                    .toList();
            try (var reader = new TfdsReader("demo", records, features, names, null, -1)) {
                while (reader.next() != null) {
                    assertThat(reader.columns()).isNotEmpty();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The rows of a split of which one file holds {@code bytes} instead. */
    static void rows(String kind, String broken, byte[] bytes) {
        var file = Fixtures.temporary("tfds/" + kind, broken, bytes).resolve("demo-train." + kind + "-00000-of-00001");
        try {
            rows(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<LoggedRow> rows(Path file) throws IOException {
        var plan = plan(file, null);
        var rows = new ArrayList<LoggedRow>();
        try (var read = PlannedLogs.rows(plan.parts().get(0), plan.columns(), RULES, HADOOP)) {
            read.forEachRemaining(rows::add);
        }
        return rows;
    }

    @Test
    void aStepIsARowOfItsNumbersInTheOrderOfTheirNames() throws IOException {
        assertThat(plan(train, null).columns().observation())
                .containsExactly("steps/observation/flag", "steps/observation/packed", "steps/observation/state");
        var rows = rows(train);
        assertThat(rows.stream().map(LoggedRow::row)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        // TFDS shuffles: the episodes are 2 and 0 and 1, or in another order of three.
        var row = rows.stream()
                .filter(one -> one.observation()[3] == 201)
                .findFirst()
                .orElseThrow();
        assertThat(row.observation()).containsExactly(1, -1, 301, 201, 0.5f);
        assertThat(row.action()).containsExactly(0.125f, -0.125f);
        assertThat(row.reward()).isEqualTo(21);
        assertThat(row.group()).isEqualTo("train");
        assertThat(row.terminated() || row.truncated()).isFalse();
    }

    @Test
    void theLastStepOfAnEpisodeTellsHowItEnded() throws IOException {
        var rows = rows(train);
        for (var episode = 0; episode < 3; episode++) {
            var first = 100 * episode;
            var of = rows.stream()
                    .filter(row -> row.observation()[3] >= first && row.observation()[3] < first + 100)
                    .toList();
            assertThat(of).hasSize(episode + 2);
            assertThat(of.stream().map(LoggedRow::episode).distinct()).hasSize(1);
            var last = of.get(of.size() - 1);
            assertThat(last.terminated()).isEqualTo(episode % 2 == 0);
            assertThat(last.truncated()).isTrue(); // terminated takes precedence
        }
        assertThat(rows.get(0).episode()).isEqualTo(TRAIN + "/000000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"array_record", "parquet"})
    void theOtherFilesOfTfdsHoldTheSameEpisodes(String kind) throws IOException {
        var name = "demo-train." + kind + "-00000-of-00001";
        var rows = rows(path(kind + "/" + name));
        var expected = rows(train);
        assertThat(rows).hasSize(9);
        for (var i = 0; i < 9; i++) {
            assertThat(rows.get(i).observation()).isEqualTo(expected.get(i).observation());
            assertThat(rows.get(i).action()).isEqualTo(expected.get(i).action());
            assertThat(rows.get(i).reward()).isEqualTo(expected.get(i).reward());
            assertThat(rows.get(i).terminated()).isEqualTo(expected.get(i).terminated());
        }
    }

    @Test
    void whatIsNoNumberIsLeftOutAndNamed() throws IOException {
        assertThat(plan(train, null).notes())
                .containsExactly(
                        "split 'train' is read; an episode's group is its split, an input like DIR/*-train.* reads one"
                                + " alone",
                        "not read, since they are no numbers: steps/instruction (text), steps/observation/camera (image)");
    }

    @Test
    void withoutADescriptionTheFirstEpisodeTellsTheShapes() throws IOException {
        Files.delete(folder.resolve("features.json"));
        var plan = plan(train, null);
        assertThat(plan.columns().observation()).containsExactly("steps/observation/flag", "steps/observation/state");
        assertThat(rows(train)).hasSize(9);
    }

    @Test
    void aFileMayBeCompressedWhateverItsName() throws IOException {
        var plain = rows(train);
        for (var gzip : List.of(true, false)) {
            var bytes = new ByteArrayOutputStream();
            try (var out = gzip ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
                out.write(Files.readAllBytes(path("tfrecord/" + TRAIN)));
            }
            Files.write(train, bytes.toByteArray());
            assertThat(rows(train))
                    .zipSatisfy(
                            plain,
                            (row, expected) ->
                                    assertThat(row).usingRecursiveComparison().isEqualTo(expected));
        }
    }

    @Test
    void numbersOfAnEpisodeAreExactNames() throws IOException {
        var columns = new ColumnMapping(
                List.of("steps/observation/state"),
                List.of("steps/action"),
                null,
                ConfigValueFactory.fromAnyRef("steps/reward"),
                List.of(),
                null,
                "steps/is_last",
                null,
                "episode_metadata/number",
                null,
                null,
                null,
                null,
                List.of(),
                null,
                "episode_metadata/name",
                null);
        var plan = plan(train, columns);
        try (var rows = PlannedLogs.rows(plan.parts().get(0), plan.columns(), RULES, HADOOP)) {
            var row = rows.next();
            var number = (int) (row.observation()[0] / 100);
            assertThat(row.episode()).isEqualTo(String.valueOf((1L << 60) + number));
            assertThat(row.group()).isEqualTo("episode " + number);
        }
    }

    @Test
    void aFileThatIsCutOrChangedIsRefused() throws IOException {
        var bytes = Files.readAllBytes(train);
        Files.write(train, Arrays.copyOf(bytes, bytes.length - 5));
        assertThatThrownBy(() -> rows(train))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read " + TRAIN + ": it ends within record 2; the file is cut off, copy it again");
        var changed = bytes.clone();
        changed[100] ^= 1;
        Files.write(train, changed);
        assertThatThrownBy(() -> rows(train))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read " + TRAIN
                        + ": the bytes of record 0 do not fit their checksum; copy the file again");
    }

    @Test
    void aFileThatLacksEpisodesIsRefused() throws IOException {
        var bytes = Files.readAllBytes(train);
        var length = bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
        Files.write(train, Arrays.copyOfRange(bytes, 16 + length, bytes.length));
        assertThatThrownBy(() -> rows(train))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read " + TRAIN
                        + ": it has 2 episodes, and dataset_info.json beside it counts 3; copy both again");
    }

    @Test
    void aRecordOfTwoGigabytesIsRefusedBeforeItIsRead() {
        var header = new byte[] {0, 0, 0, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0};
        var crc = new java.util.zip.CRC32C();
        crc.update(header, 0, 8);
        var masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
        for (var i = 0; i < 4; i++) {
            header[8 + i] = (byte) (masked >> 8 * i);
        }
        assertThatThrownBy(() -> new TfRecords("big.tfrecord", new ByteArrayInputStream(header)).next())
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read big.tfrecord: record 0 has 2147483648 bytes, and one of 2 GB or more is not"
                        + " read; write shorter episodes");
    }

    @Test
    void aMissingFeatureIsNamedWithTheOnesThatAreThere() {
        assertThatThrownBy(() -> plan(
                        train,
                        ColumnMapping.of(
                                List.of("steps/observation/stat"),
                                List.of("steps/action"),
                                null,
                                "steps/reward",
                                List.of(),
                                null,
                                null)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("steps/observation/stat")
                .hasMessageContaining("did you mean");
    }
}
