package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.Input.Pinned;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns of a table of Iceberg are renamed, added and dropped without a new snapshot. */
@Tag("lake")
class IcebergColumnsTest {
    private static final String TABLE = "ice.db.columns";
    private static final String CONF = """
            format = spark, spark.table = ice.db.columns, dataset = walks
            action-space { type = continuous, dimension = 1 }
            columns { observation = [%s], action = a, reward = r, terminated = end, episode-id = e, step = t }
            """;

    private final SparkSession spark = LakeSpark.session();

    @TempDir
    Path directory;

    @AfterEach
    void forget() {
        spark.sql("DROP TABLE IF EXISTS " + TABLE + " PURGE");
    }

    /** A table of steps, the first episode in it. */
    private void steps(String partition) {
        sql("CREATE TABLE %s (e INT, t INT, x DOUBLE, a DOUBLE, r DOUBLE, end BOOLEAN, at TIMESTAMP) USING iceberg "
                + partition);
        step(1);
    }

    private void step(int episode) {
        sql("INSERT INTO %s VALUES (" + episode + ", 0, 0.5, 0.25, 1, true, TIMESTAMP '2026-11-0" + episode
                + " 10:00:00')");
    }

    private void sql(String statement) {
        spark.sql(statement.replace("%s", TABLE));
    }

    @Test
    void theNewestVersionHasTheNamesOfTodayAndAnEarlierOneItsOwn() {
        steps("");
        sql("ALTER TABLE %s RENAME COLUMN x TO pos");
        var snapshot = newest().version();
        ingest("out", "pos", "");

        assertThat(rows("out")).isEqualTo(1);
        assertThat(pinned("out").version()).isEqualTo(snapshot);
        ingest("then", "x", "spark.version = " + snapshot);
        assertThat(rows("then")).isEqualTo(1);
        assertThatThrownBy(() -> ingest("neither", "x", ""))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such column");
    }

    @Test
    void theNextNightWantsTheNamesThatTheFirstWanted() {
        steps("");
        sql("ALTER TABLE %s RENAME COLUMN x TO pos");
        ingest("out", "pos", "append = true");
        step(2);
        ingest("out", "pos", "append = true");

        assertThat(rows("out")).isEqualTo(2);
    }

    @Test
    void anAppendUpToAnEarlierVersionHasThatVersionsNamesUnlessTheyAreGone() {
        steps("");
        ingest("out", "x", "append = true");
        step(2);
        var second = newest().version();
        sql("ALTER TABLE %s RENAME COLUMN x TO pos");
        step(3);
        ingest("out", "x", "append = true, spark.version = " + second);
        assertThat(rows("out")).isEqualTo(2);

        sql("ALTER TABLE %s ADD COLUMN more DOUBLE");
        step4();
        var fourth = newest().version();
        sql("ALTER TABLE %s DROP COLUMN more");
        assertThatThrownBy(() -> ingest("out", "x", "append = true, spark.version = " + fourth))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot append version " + fourth + " of " + TABLE)
                .hasMessageContaining("column 'more' was dropped since");
    }

    private void step4() {
        sql("INSERT INTO %s VALUES (4, 0, 0.5, 0.25, 1, true, TIMESTAMP '2026-11-04 10:00:00', 7)");
    }

    @Test
    void aDroppedColumnIsNoLongerReadEvenIfAnotherHasItsName() {
        sql("CREATE TABLE %s (id INT, email STRING) USING iceberg");
        sql("INSERT INTO %s VALUES (1, 'a@b.c')");
        sql("ALTER TABLE %s DROP COLUMN email");
        assertThat(newestRows().columns()).containsExactly("id");

        sql("ALTER TABLE %s ADD COLUMN email STRING");
        assertThat(newestRows().collectAsList()).containsExactly(RowFactory.create(1, null));
        assertThat(at(newest().version()).collectAsList()).containsExactly(RowFactory.create(1, "a@b.c"));
    }

    @Test
    void columnsThatChangedTheirNamesWithOneAnotherKeepTheirValues() {
        sql("CREATE TABLE %s (a INT, b INT) USING iceberg");
        sql("INSERT INTO %s VALUES (1, 2)");
        sql("ALTER TABLE %s RENAME COLUMN a TO c");
        sql("ALTER TABLE %s RENAME COLUMN b TO a");
        sql("ALTER TABLE %s RENAME COLUMN c TO b");
        sql("ALTER TABLE %s ALTER COLUMN a FIRST");

        assertThat(newestRows().columns()).containsExactly("a", "b");
        assertThat(newestRows().collectAsList()).containsExactly(RowFactory.create(2, 1));
    }

    @Test
    void fieldsWithinColumnsAreRenamedAddedDroppedAndWidenedToo() {
        sql("CREATE TABLE %s (s STRUCT<x: INT, gone: INT>, l ARRAY<STRUCT<y: INT>>, m MAP<STRING, STRUCT<z: FLOAT>>,"
                + " n INT, d DECIMAL(4, 1)) USING iceberg");
        sql("INSERT INTO %s VALUES (struct(1, 2), array(struct(3), null), map('k', struct(4)), 5, 6.5),"
                + " (null, null, null, null, null)");
        sql("ALTER TABLE %s RENAME COLUMN s.x TO pos");
        sql("ALTER TABLE %s DROP COLUMN s.gone");
        sql("ALTER TABLE %s ADD COLUMN s.more STRING");
        sql("ALTER TABLE %s RENAME COLUMN l.element.y TO why");
        sql("ALTER TABLE %s ALTER COLUMN m.value.z TYPE DOUBLE");
        sql("ALTER TABLE %s ALTER COLUMN n TYPE BIGINT");
        sql("ALTER TABLE %s ALTER COLUMN d TYPE DECIMAL(9, 1)");

        assertThat(newestRows().schema().catalogString())
                .isEqualTo("struct<s:struct<pos:int,more:string>,l:array<struct<why:int>>,"
                        + "m:map<string,struct<z:double>>,n:bigint,d:decimal(9,1)>");
        assertThat(newestRows().toJSON().collectAsList())
                .containsExactlyInAnyOrder(
                        "{\"s\":{\"pos\":1},\"l\":[{\"why\":3},null],\"m\":{\"k\":{\"z\":4.0}},\"n\":5,\"d\":6.5}",
                        "{}");
    }

    @Test
    void tablesWithHiddenPartitionsAreReadWhateverTheirColumnsAreCalledNow() {
        steps("PARTITIONED BY (days(at), bucket(4, e))");
        step(2);
        sql("ALTER TABLE %s RENAME COLUMN at TO written");
        sql("ALTER TABLE %s RENAME COLUMN e TO episode");
        var renamed = "columns.episode-id = episode, append = true";
        for (var watermark : List.of("", ", watermark = written", ", watermark = episode")) {
            var out = "out" + watermark.replaceAll(".* ", "-");
            ingest(out, "x", renamed + watermark);
            assertThat(rows(out)).as(watermark).isEqualTo(2);
        }
    }

    @Test
    void theColumnsStayThoseOfTheBeginningWhileItIsRead() {
        steps("");
        sql("ALTER TABLE %s ADD COLUMN more INT");
        var table = table(null);
        var version = table.version();
        assertThat(table.at(version).columns()).contains("x", "more");
        sql("ALTER TABLE %s RENAME COLUMN x TO pos");
        assertThat(table.at(version).columns()).contains("x", "more").doesNotContain("pos");
    }

    private LakeTable table(String version) {
        var source = new SparkSourceConfig(null, Map.of(), TABLE, version);
        return LakeTable.of(spark, source, List.of(), true, line -> {}).orElseThrow();
    }

    private Pinned newest() {
        return table(null).version();
    }

    private Dataset<Row> newestRows() {
        var table = table(null);
        return table.at(table.version());
    }

    private Dataset<Row> at(String version) {
        var table = table(version);
        return table.at(table.version());
    }

    private void ingest(String out, String observation, String further) {
        var config = Settings.read(
                IngestConfig.class,
                ConfigFactory.parseString(further).withFallback(ConfigFactory.parseString(CONF.formatted(observation))),
                "ingest");
        IngestStage.run(context(out), config);
    }

    private long rows(String out) {
        return context(out)
                .warehouse()
                .require(TableName.TRANSITIONS)
                .manifest()
                .rows();
    }

    private Pinned pinned(String out) {
        return Objects.requireNonNull(context(out)
                .warehouse()
                .require(TableName.TRANSITIONS)
                .manifest()
                .inputs()
                .get(0)
                .pinned());
    }

    private StageContext context(String out) {
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve(out).toString()), line -> {});
    }
}
