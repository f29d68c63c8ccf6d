package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Json;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.Input;
import io.hindcast.table.Input.Pinned;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables that keep versions, of Delta and of Iceberg, written by their own writers. */
@Tag("lake")
class LakeIngestTest {
    private static final String MAPPING = """
            format = spark
            dataset = walks
            action-space { type = continuous, dimension = 1 }
            columns { observation = x, action = a, reward = r, terminated = end, episode-id = episode, step = t, keep = [day] }
            """;

    private final SparkSession spark = LakeSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    /** Where a table lies, and how a user names it. */
    private enum Lake {
        DELTA_PATH("delta"),
        DELTA_WITH_FEED("delta"),
        DELTA_TABLE("delta"),
        ICEBERG_PATH("iceberg"),
        ICEBERG_TABLE("iceberg");

        private final String format;

        Lake(String format) {
            this.format = format;
        }

        String conf(Path directory) {
            return switch (this) {
                case DELTA_PATH, DELTA_WITH_FEED -> "input = [\"" + directory + "/walks\"], spark { format = delta }\n";
                case ICEBERG_PATH ->
                    "input = [\"" + LakeSpark.WAREHOUSE + "/ice/db/walks\"], spark { format = iceberg }\n";
                case DELTA_TABLE -> "spark.table = walks\n";
                case ICEBERG_TABLE -> "spark.table = ice.db.walks\n";
            };
        }

        String sql(Path directory) {
            return switch (this) {
                case DELTA_PATH, DELTA_WITH_FEED -> "delta.`" + directory + "/walks`";
                case DELTA_TABLE -> "walks";
                case ICEBERG_PATH, ICEBERG_TABLE -> "ice.db.walks";
            };
        }

        void write(SparkSession spark, Dataset<Row> rows, Path directory) throws Exception {
            if (this == DELTA_PATH || this == DELTA_WITH_FEED) {
                rows.write()
                        .format("delta")
                        .partitionBy("day")
                        .mode(SaveMode.Append)
                        .option("mergeSchema", "true")
                        .save(directory + "/walks");
            } else if (spark.catalog().tableExists(sql(directory))) {
                rows.writeTo(sql(directory)).option("mergeSchema", "true").append();
            } else {
                rows.writeTo(sql(directory))
                        .using(format)
                        .partitionedBy(org.apache.spark.sql.functions.col("day"))
                        .tableProperty("write.spark.accept-any-schema", "true")
                        .create();
            }
            if (this == DELTA_WITH_FEED) {
                spark.sql("ALTER TABLE " + sql(directory) + " SET TBLPROPERTIES (delta.enableChangeDataFeed = true)");
            }
        }

        /** The newest version, as its users ask for it. */
        String version(SparkSession spark, Path directory) {
            return String.valueOf(
                    format.equals("delta")
                            ? spark.sql("DESCRIBE HISTORY " + sql(directory))
                                    .first()
                                    .<Object>getAs("version")
                            : spark.sql("SELECT snapshot_id FROM ice.db.walks.history ORDER BY made_current_at DESC")
                                    .first()
                                    .get(0));
        }
    }

    @AfterEach
    void forget() {
        spark.sql("DROP TABLE IF EXISTS walks");
        spark.sql("DROP TABLE IF EXISTS ice.db.walks PURGE");
    }

    /** Two steps of each of some episodes, with the episode as their day. */
    private Dataset<Row> episodes(long from, long to) {
        return spark.range(2 * from, 2 * to, 1, 2)
                .selectExpr(
                        "id DIV 2 AS episode",
                        "id % 2 AS t",
                        "CAST(id AS DOUBLE) AS x",
                        "0.5D AS a",
                        "CAST(id AS DOUBLE) AS r",
                        "id % 2 = 1 AS end",
                        "CAST(id DIV 2 AS STRING) AS day");
    }

    @ParameterizedTest
    @EnumSource
    void theManifestNotesTheVersionAndAnEarlierOneMayBeAskedFor(Lake lake) throws Exception {
        lake.write(spark, episodes(0, 3), directory);
        var first = lake.version(spark, directory);
        ingest(lake, "out", "");
        lake.write(spark, episodes(3, 5), directory);
        var second = lake.version(spark, directory);

        assertThat(pins("out")).extracting(Pinned::format, Pinned::version).containsExactly(tuple(lake.format, first));
        assertThatThrownBy(() -> ingest(lake, "out", ""))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot write transitions to ")
                .hasMessageContaining(", version " + first + " -> ")
                .hasMessageContaining(", version " + second + ")");
        assertThat(ingest(lake, "out", "spark.version = " + first).upToDate()).isTrue();

        ingest(lake, "newest", "");
        assertThat(latest("newest").manifest().rows()).isEqualTo(10);
        assertThat(ingest(lake, "newest", "").upToDate()).isTrue();
        ingest(lake, "earlier", "spark.version = " + first);
        assertThat(latest("earlier").manifest().fingerprint())
                .isEqualTo(latest("out").manifest().fingerprint());
        assertThat(spark.read()
                        .format("hindcast")
                        .option("table", "transitions")
                        .load(directory.resolve("newest").toString())
                        .selectExpr("get_json_object(kept, '$.day')")
                        .distinct()
                        .count())
                .isEqualTo(5);
        assertThatThrownBy(() -> ingest(lake, "none", "spark.version = 77"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read ")
                .hasMessageContaining("77")
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatCameSinceIsAppended(Lake lake) throws Exception {
        lake.write(spark, episodes(0, 3), directory);
        ingest(lake, "out", "append = true");
        var first = lake.version(spark, directory);
        lake.write(spark, episodes(3, 4), directory);
        lake.write(spark, episodes(4, 5).selectExpr("*", "'new' AS later"), directory);
        var second = lake.version(spark, directory);
        var result = ingest(lake, "out", "append = true");

        assertThat(result.summary())
                .startsWith("transitions v2, transitions v1 and 4 transitions of 2 episodes from 4 rows");
        assertThat(pins("out"))
                .extracting(Pinned::after, Pinned::version)
                .containsExactly(tuple(null, first), tuple(first, second));
        assertThat(ingest(lake, "out", "append = true").summary())
                .isEqualTo("transitions v2 has version " + second + " already: nothing to do");

        lake.write(spark, episodes(5, 6), directory);
        ingest(lake, "out", "append = true");
        assertThat(latest("out").number()).isEqualTo(3);
        assertThat(latest("out").manifest().rows()).isEqualTo(12);
    }

    @ParameterizedTest
    @EnumSource
    void aColumnThatCameLaterIsNothingInEarlierRows(Lake lake) throws Exception {
        lake.write(spark, episodes(0, 1), directory);
        lake.write(spark, episodes(1, 2).selectExpr("*", "'new' AS later"), directory);
        ingest(lake, "out", "columns.keep = [later]");

        assertThat(spark.read()
                        .format("hindcast")
                        .option("table", "transitions")
                        .load(directory.resolve("out").toString())
                        .where("step = 0")
                        .orderBy("episode_id")
                        .selectExpr("get_json_object(kept, '$.later')")
                        .collectAsList())
                .extracting(row -> row.get(0))
                .containsExactly(null, "new");
    }

    @ParameterizedTest
    @EnumSource
    void filesThatWereOnlyWrittenAgainBringNothing(Lake lake) throws Exception {
        lake.write(
                spark,
                episodes(0, 1).union(episodes(0, 1).selectExpr("9L AS episode", "t", "x", "a", "r", "end", "day")),
                directory);
        ingest(lake, "out", "append = true");
        lake.write(spark, episodes(0, 1).selectExpr("8L AS episode", "t", "x", "a", "r", "end", "day"), directory);
        compact(lake);
        var result = ingest(lake, "out", "append = true");

        assertThat(result.summary())
                .startsWith("transitions v2, transitions v1 and 2 transitions of 1 episodes from 2 rows");
        lake.write(
                spark,
                episodes(0, 1)
                        .selectExpr("7L AS episode", "t", "x", "a", "r", "end", "day")
                        .limit(0),
                directory);
        compact(lake);
        assertThat(ingest(lake, "out", "append = true").upToDate()).isTrue();
        assertThat(latest("out").manifest().rows()).isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource(names = {"DELTA_PATH", "ICEBERG_TABLE"})
    void nightsWithoutNewRowsAreNotLookedThroughAgainAlsoWhenTheLogForgetsThem(Lake lake) throws Exception {
        var checkpoints = "spark.databricks.delta.properties.defaults.checkpointInterval";
        spark.conf().set(checkpoints, "1"); // so that earlier versions of the log can go
        lake.write(spark, episodes(0, 1), directory);
        lake.write(spark, episodes(0, 1).selectExpr("8L AS episode", "t", "x", "a", "r", "end", "day"), directory);
        ingest(lake, "out", "append = true");
        var first = lake.version(spark, directory);
        for (var night = 0; night < 2; night++) {
            compact(lake);
            assertThat(ingest(lake, "out", "append = true").summary())
                    .isEqualTo("no row came after version " + first + " of transitions v1: nothing to do");
        }
        lake.write(spark, episodes(1, 2), directory);
        if (lake.format.equals("delta")) {
            for (var number = 0; number <= Long.parseLong(first) + 1; number++) {
                Files.delete(directory.resolve("walks/_delta_log/%020d.json".formatted(number)));
            }
        } else {
            spark.sql("CALL ice.system.expire_snapshots(table => 'db.walks', older_than => TIMESTAMP '2100-01-01',"
                    + " retain_last => 2)");
        }
        var result = ingest(lake, "out", "append = true");
        spark.conf().unset(checkpoints);

        assertThat(result.summary())
                .startsWith("transitions v2, transitions v1 and 2 transitions of 1 episodes from 2 rows");
        assertThat(pins("out"))
                .extracting(Pinned::after, Pinned::version)
                .containsExactly(tuple(null, first), tuple(first, lake.version(spark, directory)));
        lake.write(spark, episodes(2, 3), directory);
        assertThat(ingest(lake, "out", "append = true").upToDate()).isFalse(); // what was seen was of v1
        assertThat(latest("out").manifest().rows()).isEqualTo(8);
    }

    @Test
    void aNoteOfWhatWasSeenThatIsDamagedIsToldAndNotBelieved() throws Exception {
        Lake.DELTA_PATH.write(spark, episodes(0, 1), directory);
        Lake.DELTA_PATH.write(spark, episodes(1, 2), directory);
        ingest(Lake.DELTA_PATH, "out", "append = true");
        var note = directory.resolve("out/transitions/_seen.json");
        assertThat(note).doesNotExist();
        spark.sql("ALTER TABLE " + Lake.DELTA_PATH.sql(directory) + " SET TBLPROPERTIES (told = 'me')");
        ingest(Lake.DELTA_PATH, "out", "append = true");
        Files.writeString(note, Files.readString(note).replace("\"version\" : \"2\"", "\"version\" : \"3\""));

        said.clear();
        assertThat(ingest(Lake.DELTA_PATH, "out", "append = true").upToDate()).isTrue();
        assertThat(said)
                .singleElement()
                .asString()
                .endsWith(
                        "_seen.json is not what was written; it is not believed, and what came since is looked for from the"
                                + " version that was read last");
        assertThat(Files.readString(note)).contains("\"version\" : \"2\""); // and it is written anew
    }

    @Test
    void ofATableWhoseFilesWerePutBackTheNoteOfWhatWasSeenIsNotBelieved() throws Exception {
        var walks = directory.resolve("walks").toFile();
        var backup = directory.resolve("backup").toFile();
        Lake.DELTA_PATH.write(spark, episodes(0, 1), directory);
        ingest(Lake.DELTA_PATH, "out", "append = true");
        org.apache.commons.io.FileUtils.copyDirectory(walks, backup);
        for (var owner : List.of("me", "you")) {
            spark.sql("ALTER TABLE " + Lake.DELTA_PATH.sql(directory) + " SET TBLPROPERTIES (told = '" + owner + "')");
        }
        assertThat(ingest(Lake.DELTA_PATH, "out", "append = true").upToDate()).isTrue(); // seen: version 2
        org.apache.commons.io.FileUtils.deleteDirectory(walks);
        org.apache.commons.io.FileUtils.copyDirectory(backup, walks);
        Class.forName("org.apache.spark.sql.delta.DeltaLog")
                .getMethod("clearCache")
                .invoke(null);
        for (var episode = 1; episode < 4; episode++) { // versions 1, 2 and 3
            Lake.DELTA_PATH.write(spark, episodes(episode, episode + 1), directory);
        }

        assertThat(ingest(Lake.DELTA_PATH, "out", "append = true").upToDate()).isFalse();
        assertThat(latest("out").manifest().rows()).isEqualTo(8);
    }

    @Test
    void aTableThatWasPutBackToBeforeWhatWasReadAndWentOnIsRefused() throws Exception {
        var walks = directory.resolve("walks").toFile();
        var backup = directory.resolve("backup").toFile();
        Lake.DELTA_PATH.write(spark, episodes(0, 1), directory);
        org.apache.commons.io.FileUtils.copyDirectory(walks, backup);
        Lake.DELTA_PATH.write(spark, episodes(1, 2), directory); // version 1
        ingest(Lake.DELTA_PATH, "out", "");
        org.apache.commons.io.FileUtils.deleteDirectory(walks);
        org.apache.commons.io.FileUtils.copyDirectory(backup, walks);
        for (var episode : List.of(7, 8)) { // another version 1, and 2
            Class.forName("org.apache.spark.sql.delta.DeltaLog")
                    .getMethod("clearCache")
                    .invoke(null);
            Lake.DELTA_PATH.write(spark, episodes(episode, episode + 1), directory);

            assertThatThrownBy(() -> ingest(Lake.DELTA_PATH, "out", "append = true"))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith(
                            "Cannot append to transitions v1: version 1 of the table is another one than was"
                                    + " read");
        }
        assertThat(latest("out").manifest().rows()).isEqualTo(4);
    }

    @Test
    void partitionsMayBeCalledAnything() throws Exception {
        var odd = "CAST(episode AS STRING) || ' a/b%2F=ü?#:' AS day";
        for (var count : List.of(1, 2)) {
            var rows = episodes(count - 1, count).selectExpr("episode", "t", "x", "a", "r", "end", odd);
            Lake.DELTA_PATH.write(spark, rows, directory);
            ingest(Lake.DELTA_PATH, "out", "append = true");
            assertThat(latest("out").manifest().rows()).isEqualTo(2L * count);
        }
    }

    private void compact(Lake lake) {
        spark.sql(
                lake.format.equals("delta")
                        ? "OPTIMIZE " + lake.sql(directory)
                        : "CALL ice.system.rewrite_data_files(table => 'db.walks', options => map('rewrite-all','true'))");
    }

    @ParameterizedTest
    @EnumSource
    void rowsThatWentAreRefused(Lake lake) throws Exception {
        lake.write(spark, episodes(0, 3), directory);
        ingest(lake, "out", "append = true");
        spark.sql("DELETE FROM " + lake.sql(directory) + " WHERE episode = 1 AND t = 1");
        lake.write(spark, episodes(3, 4), directory);

        assertThatThrownBy(() -> ingest(lake, "out", "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot append version " + lake.version(spark, directory) + " of ")
                .hasMessageContaining(" took rows away or wrote them again; ingest all of it into another --out")
                .message()
                .hasLineCount(1);
        assertThat(latest("out").number()).isEqualTo(1);
    }

    @Test
    void aSnapshotThatDoesNotSayWhatItDidIsRefusedByItsId() throws Exception {
        Lake.ICEBERG_PATH.write(spark, episodes(0, 1), directory);
        ingest(Lake.ICEBERG_PATH, "out", "append = true");
        Lake.ICEBERG_PATH.write(spark, episodes(1, 2), directory);
        var id = Lake.ICEBERG_PATH.version(spark, directory);
        // As early writers left it.
        var metadata = LakeSpark.WAREHOUSE.resolve("ice/db/walks/metadata");
        var hint = Files.readString(metadata.resolve("version-hint.text")).strip();
        var json = (ObjectNode) Json.MAPPER.readTree(
                metadata.resolve("v" + hint + ".metadata.json").toFile());
        ((ObjectNode) json.get("snapshots").get(1)).remove("summary");
        var next = Integer.toString(Integer.parseInt(hint) + 1);
        Json.MAPPER.writeValue(metadata.resolve("v" + next + ".metadata.json").toFile(), json);
        Files.deleteIfExists(metadata.resolve(".version-hint.text.crc"));
        Files.writeString(metadata.resolve("version-hint.text"), next);
        spark.sql("REFRESH TABLE ice.db.walks");

        assertThatThrownBy(() -> ingest(Lake.ICEBERG_PATH, "out", "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot append version " + id + " of walks ")
                .hasMessageContaining(": snapshot " + id + " does not say what it did; ingest all of it ");
    }

    @Test
    void aTableOfDeltaWhoseCatalogueKeepsItsNewVersionsIsNotAppendedToByVersion() throws Exception {
        var checkpoints = "spark.databricks.delta.properties.defaults.checkpointInterval";
        spark.conf().set(checkpoints, "1"); // so that the table can be read without the log of version 1
        for (var episode = 0; episode < 3; episode++) {
            Lake.DELTA_PATH.write(spark, episodes(episode, episode + 1), directory);
            if (episode == 0) {
                ingest(Lake.DELTA_PATH, "out", "append = true");
            }
        }
        spark.conf().unset(checkpoints);
        var log = directory.resolve("walks/_delta_log");
        var staged = Files.createDirectories(log.resolve("_staged_commits"));
        Files.move(
                log.resolve("%020d.json".formatted(1)),
                staged.resolve("%020d.%s.json".formatted(1, "3a0d65cd-4056-49b8-937b-95f9e3ee90e5")));

        assertThatThrownBy(() -> ingest(Lake.DELTA_PATH, "out", "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot append version 2 of walks to what came from version 0: a catalogue manages the table,"
                                + " and keeps what version 1 did where only it can tell (_delta_log/_staged_commits);"
                                + " ingest all of it into another --out, without append");
    }

    @ParameterizedTest
    @EnumSource
    void anotherTableAtItsPlaceIsRefused(Lake lake) throws Exception {
        lake.write(spark, episodes(0, 3), directory);
        ingest(lake, "out", "append = true");
        forget();
        org.apache.commons.io.FileUtils.deleteDirectory(
                directory.resolve("walks").toFile());
        lake.write(spark, episodes(0, 3), directory);
        lake.write(spark, episodes(3, 4), directory);

        assertThatThrownBy(() -> ingest(lake, "out", "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot append ")
                .hasMessageContaining("another --out");
    }

    @ParameterizedTest
    @CsvSource({"parquet, walks", "delta, walks", "iceberg, ice.db.walks"})
    void aColumnMayBeCalledProvider(String format, String table) {
        spark.sql("CREATE TABLE " + table + " (Provider STRING) USING " + format);
        assertThat(SparkSource.provider(spark, table)).contains(format);
    }

    @Test
    void whatCameUpToAnEarlierVersionIsReadWithThatVersionsColumns() throws Exception {
        var lake = Lake.DELTA_WITH_FEED;
        lake.write(spark, episodes(0, 1), directory);
        ingest(lake, "out", "append = true");
        episodes(1, 2).write().format("delta").mode(SaveMode.Append).save(directory + "/walks");
        var asked = "append = true, spark.version = " + lake.version(spark, directory);
        episodes(2, 3)
                .withColumnRenamed("r", "reward")
                .write()
                .format("delta")
                .mode(SaveMode.Overwrite)
                .option("overwriteSchema", "true")
                .save(directory + "/walks");
        ingest(lake, "out", asked);

        assertThat(latest("out").manifest().rows()).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void filesThatAreLostAreToldInOneLine(Lake lake) throws Exception {
        lake.write(spark, episodes(0, 1), directory);
        ingest(lake, "out", "append = true");
        lake.write(spark, episodes(1, 2), directory);
        for (var file : spark.table(lake.sql(directory))
                .where("episode = 1")
                .select(functions.input_file_name())
                .distinct()
                .collectAsList()) {
            Files.delete(Path.of(URI.create(file.getString(0)).getPath()));
        }

        assertThatThrownBy(() -> ingest(lake, "out", "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageMatching("Cannot read (ice.db.)?walks: .*[.]parquet.*; a file .*")
                .message()
                .hasLineCount(1);
    }

    @Test
    void aTableWhoseVersionCannotBeAskedIsReadWithoutANoteOfIt() throws Exception {
        Lake.DELTA_PATH.write(spark, episodes(0, 2), directory);
        var options = "input = [], spark { format = delta, options { path = \"" + directory + "/walks\" } }\n";
        requireUnpinned(options, "options", "Cannot find the version of delta: ");

        Lake.ICEBERG_TABLE.write(spark, episodes(0, 2), directory);
        spark.sql("ALTER TABLE ice.db.walks CREATE BRANCH side");
        requireUnpinned(
                "spark.table = ice.db.walks.branch_side\n", "branch", "Cannot find the version of ice.db.walks.");
    }

    private void requireUnpinned(String conf, String out, String note) {
        said.clear();
        IngestStage.run(context(out), config(conf));
        assertThat(latest(out).manifest().rows()).isEqualTo(4);
        assertThat(latest(out).manifest().inputs()).extracting(Input::pinned).containsOnlyNulls();
        assertThat(said)
                .anyMatch(line -> line.startsWith("[ingest] " + note)
                        && line.endsWith(" It is read as it is now, and no version is noted"));
        for (var needed : List.of("append = true\n", "spark.version = 0\n")) {
            assertThatThrownBy(() -> IngestStage.run(context(out), config(conf + needed)))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith("Cannot ")
                    .message()
                    .hasLineCount(1)
                    .doesNotContain("Index 0 out of bounds");
        }
    }

    private static IngestConfig config(String conf) {
        return Settings.read(IngestConfig.class, ConfigFactory.parseString(conf + MAPPING), "ingest");
    }

    @Test
    void whatKeepsNoVersionsHasNone() {
        episodes(0, 1).createOrReplaceTempView("view_of_a_test");
        var config = Settings.read(
                IngestConfig.class,
                ConfigFactory.parseString(MAPPING + "spark { table = view_of_a_test, version = 3 }"),
                "ingest");
        assertThatThrownBy(() -> IngestStage.run(context("out"), config))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read version 3 of view_of_a_test: only tables of Delta and Iceberg keep versions; remove"
                                + " spark.version");
    }

    private StageResult ingest(Lake lake, String out, String further) {
        var config = Settings.read(
                IngestConfig.class,
                ConfigFactory.parseString(further)
                        .withFallback(ConfigFactory.parseString(lake.conf(directory) + MAPPING)),
                "ingest");
        return IngestStage.run(context(out), config);
    }

    private List<Pinned> pins(String out) {
        return latest(out).manifest().inputs().stream()
                .map(Input::pinned)
                .map(Objects::requireNonNull)
                .toList();
    }

    private StageContext context(String out) {
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve(out).toString()), said::add);
    }

    private TableVersion latest(String out) {
        return context(out).warehouse().require(TableName.TRANSITIONS);
    }
}
