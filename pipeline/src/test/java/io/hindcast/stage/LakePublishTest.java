package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.publish.PublishConfig;
import io.hindcast.stage.publish.PublishStage;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A published version in a table of the user's. */
@Tag("lake")
class LakePublishTest {
    private final SparkSession spark = LakeSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void forget() {
        spark.sql("DROP TABLE IF EXISTS told");
        spark.sql("DROP TABLE IF EXISTS ice.db.told PURGE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "format = delta, path = DIR/told | delta.`DIR/told`",
                "format = delta, table = told | told",
                "format = iceberg, table = ice.db.told | ice.db.told"
            })
    void aVersionIsOneCommitAndIsNotWrittenTwice(String conf, String sql) throws Exception {
        var table = sql.replace("DIR", directory.toString());
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        assertThat(publish(conf).summary()).endsWith(": 1 rows");
        assertThat(publish(conf).summary()).endsWith(" has transitions v1 already: nothing to do");
        ingest("b.csv", "2,0,0.25,0.5,2,0\n2,1,0.75,0.5,3,1\n");
        assertThat(publish(conf).upToDate()).isFalse();
        assertThat(publish(conf).upToDate()).isTrue();

        var told = spark.sql("SELECT * FROM " + table);
        assertThat(told.orderBy("episode_id", "step")
                        .select("reward")
                        .collectAsList()
                        .toString())
                .isEqualTo("[[1.0], [2.0], [3.0]]");
        assertThat(told.columns()).isEqualTo(published().columns());
        assertThat(commits(table, sql)).isEqualTo(2);
    }

    private long commits(String table, String sql) {
        return sql.startsWith("ice.")
                ? spark.table(table + ".snapshots").count()
                : spark.sql("DESCRIBE HISTORY " + table).count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "format = delta, path = DIR/told | delta.`DIR/told` | RESTORE TABLE delta.`DIR/told` TO VERSION AS OF 0 | version 2 (RESTORE)",
                "format = delta, table = told | told | DELETE FROM told WHERE reward = 2 | version 2 (DELETE)",
                "format = iceberg, table = ice.db.told | ice.db.told | DELETE FROM ice.db.told WHERE reward = 2 |"
                        + " snapshot [0-9]+ \\(overwrite\\)",
                "format = iceberg, table = ice.db.told | ice.db.told | INSERT INTO ice.db.told SELECT * FROM ice.db.told |"
                        + " snapshot [0-9]+ \\(append\\)"
            })
    void aCopyThatSomebodyChangedOrPutBackIsPublishedAgainAndToldSo(
            String conf, String sql, String change, String commit) throws Exception {
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        publish(conf);
        ingest("b.csv", "2,0,0.25,0.5,2,0\n2,1,0.75,0.5,3,1\n");
        publish(conf);
        spark.sql(change.replace("DIR", directory.toString()));
        said.clear();
        assertThat(publish(conf).summary()).endsWith(": 3 rows");

        var pattern = commit.startsWith("version") ? Pattern.quote(commit) : commit;
        assertThat(said)
                .singleElement()
                .asString()
                .matches("\\[publish] .*told holds what did not come from here, of " + pattern
                        + ": it is replaced by transitions v2");
        assertThat(rewards(sql)).isEqualTo("[[1.0], [2.0], [3.0]]");
        said.clear();
        assertThat(publish(conf).upToDate()).isTrue();
        assertThat(said).isEmpty();
    }

    @Test
    void aCopyOfIcebergThatWasRolledBackIsOfTheVersionThatItIsBackAt() throws Exception {
        var conf = "format = iceberg, table = ice.db.told";
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        publish(conf);
        var first = spark.table("ice.db.told.snapshots").first().<Long>getAs("snapshot_id");
        ingest("b.csv", "2,0,0.25,0.5,2,0\n2,1,0.75,0.5,3,1\n");
        publish(conf);
        spark.sql("CALL ice.system.rollback_to_snapshot('db.told', " + first + ")");
        assertThat(rewards("ice.db.told")).isEqualTo("[[1.0]]");
        said.clear();
        assertThat(publish(conf).upToDate()).isFalse();

        assertThat(rewards("ice.db.told")).isEqualTo("[[1.0], [2.0], [3.0]]");
        assertThat(publish(conf).upToDate()).isTrue();
        assertThat(said)
                .containsExactly("[publish] ice.db.told holds transitions v1 again, of snapshot " + first
                        + " (append): it is replaced by transitions v2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "format = delta, table = told | ALTER TABLE told SET TBLPROPERTIES (told = 'me') | OPTIMIZE told",
                "format = iceberg, table = ice.db.told | ALTER TABLE ice.db.told SET TBLPROPERTIES (told = 'me') |"
                        + " CALL ice.system.rewrite_data_files(table => 'db.told', options => map('rewrite-all', 'true'))"
            })
    void aCopyWhoseFilesAreOnlyWrittenAgainIsNotPublishedAgain(String conf, String describe, String optimize)
            throws Exception {
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        ingest("b.csv", "2,0,0.25,0.5,2,0\n2,1,0.75,0.5,3,1\n");
        publish(conf);
        spark.sql(describe);
        var table = conf.replaceFirst(".*table = ", "");
        var before = commits(table, table);
        spark.sql(optimize);
        assertThat(commits(table, table)).isGreaterThan(before);

        assertThat(publish(conf).upToDate()).isTrue();
    }

    private String rewards(String sql) {
        return spark.sql("SELECT reward FROM " + sql.replace("DIR", directory.toString()) + " ORDER BY reward")
                .collectAsList()
                .toString();
    }

    @Test
    void aTableThatIsThereKeepsItsOwnersShape() throws Exception {
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        published()
                .limit(0)
                .writeTo("ice.db.told")
                .using("iceberg")
                .tableProperty("owner-says", "keep")
                .partitionedBy(org.apache.spark.sql.functions.col("terminated"))
                .create();
        publish("table = ice.db.told");

        assertThat(spark.table("ice.db.told").count()).isEqualTo(1);
        assertThat(spark.sql("SHOW TBLPROPERTIES ice.db.told")
                        .where("key = 'owner-says'")
                        .count())
                .isEqualTo(1);
        assertThat(spark.table("ice.db.told.partitions").columns()).contains("partition");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "delta | path = DIR/told | delta.`DIR/told`",
                "delta | table = told | told",
                "iceberg | table = ice.db.told | ice.db.told"
            })
    void partitionsThatAVersionLacksGoWhateverTheSessionSays(String format, String conf, String sql) throws Exception {
        var table = sql.replace("DIR", directory.toString());
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        published()
                .withColumn("terminated", org.apache.spark.sql.functions.lit(false))
                .writeTo(table)
                .using(format)
                .partitionedBy(org.apache.spark.sql.functions.col("terminated"))
                .create();
        spark.conf().set("spark.sql.sources.partitionOverwriteMode", "dynamic");
        try {
            publish("format = " + format + ", " + conf);
        } finally {
            spark.conf().unset("spark.sql.sources.partitionOverwriteMode");
        }

        assertThat(spark.sql("SELECT terminated FROM " + table).collectAsList().toString())
                .isEqualTo("[[true]]");
    }

    @Test
    void whatTheUsersSessionNotesWithItsOwnCommitsStays() throws Exception {
        var setting = "spark.databricks.delta.commitInfo.userMetadata";
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        spark.conf().set(setting, "mine");
        try {
            publish("format = delta, path = DIR/told");
            assertThat(spark.conf().get(setting)).isEqualTo("mine");
        } finally {
            spark.conf().unset(setting);
        }
    }

    @Test
    void anEmptyLogOfACopyThatWasStoppedIsNoTable() throws Exception {
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        Files.createDirectories(directory.resolve("told/_delta_log"));
        publish("format = delta, path = DIR/told");
        assertThat(spark.table("delta.`" + directory + "/told`").count()).isEqualTo(1);
        assertThat(publish("format = delta, path = DIR/told").upToDate()).isTrue();
    }

    @Test
    void whatCannotBeReplacedInOneCommitIsRefused() throws Exception {
        ingest("a.csv", "1,0,0.5,0.5,1,1\n");
        spark.sql("CREATE TABLE told (a INT) USING parquet");
        assertThatThrownBy(() -> publish("table = told"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot publish transitions v1 to told: it is a table of parquet, whose rows are not replaced in"
                                + " one commit; name one of Delta or Iceberg, or one that is not there (transitions v1 itself is"
                                + " published; run the same command again)");
        assertThatThrownBy(() -> publish("table = nowhere"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("add format = delta or format = iceberg");
        assertThatThrownBy(() -> publish("format = iceberg, path = DIR/x"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("only a table of Delta is named by its folder");
        assertThatThrownBy(() -> publish("format = iceberg, table = nowhere.db.told"))
                .isInstanceOf(UserException.class)
                .message()
                .hasLineCount(1);
    }

    private Dataset<Row> published() {
        return spark.read().format("hindcast").option("table", "transitions").load(out());
    }

    private String out() {
        return directory.resolve("out").toString();
    }

    private void ingest(String name, String rows) throws Exception {
        Files.writeString(Files.createDirectories(directory.resolve("in")).resolve(name), "e,s,o,a,r,d\n" + rows);
        var config = Settings.read(IngestConfig.class, ConfigFactory.parseString("""
                input = ["%s/in"], format = csv, dataset = d, append = true
                action-space { type = continuous, dimension = 1 }
                columns { observation = o, action = a, reward = r, terminated = d, episode-id = e, step = s }
                """.formatted(directory)), "ingest");
        IngestStage.run(context(), config);
    }

    private StageResult publish(String conf) {
        var text = "transitions { " + conf.replace("DIR/", directory + "/").replace("path = ", "path = \"")
                + (conf.contains("path") ? "\"" : "") + " }";
        var config = Settings.read(PublishConfig.class, ConfigFactory.parseString(text), "publish");
        return PublishStage.run(
                context(),
                TableName.TRANSITIONS,
                config.target(TableName.TRANSITIONS).orElseThrow());
    }

    private StageContext context() {
        return new StageContext(spark, new Warehouse(spark, out()), said::add);
    }
}
