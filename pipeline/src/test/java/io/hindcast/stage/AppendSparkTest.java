package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.Input;
import io.hindcast.table.Input.Watermark;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Manifest;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source that Spark reads, day by day. */
class AppendSparkTest {
    private static final String VIEW = "days_of_a_test";
    private static final String MAPPING = """
            format = spark
            dataset = walks
            spark.table = days_of_a_test
            watermark = day
            action-space { type = continuous, dimension = 1 }
            columns { observation = x, action = a, reward = r, terminated = end, episode-id = episode, step = t }
            """;

    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void forget() {
        spark.catalog().dropTempView(VIEW);
    }

    /** Two steps of each of some episodes; the day is the episode's number. */
    private Dataset<Row> episodes(long from, long to) {
        return spark.range(2 * from, 2 * to, 1, 2)
                .selectExpr(
                        "id DIV 2 AS episode",
                        "id % 2 AS t",
                        "CAST(id AS DOUBLE) AS x",
                        "0.5D AS a",
                        "CAST(id AS DOUBLE) AS r",
                        "id % 2 = 1 AS end",
                        "id DIV 2 AS day");
    }

    @Test
    void onlyRowsAboveTheWatermarkAreAppended() {
        ingest("out", episodes(0, 3), "append = true");
        var result = ingest("out", episodes(0, 5), "append = true");

        assertThat(result.summary())
                .startsWith("transitions v2, transitions v1 and 4 transitions of 2 episodes from 4 rows");
        var manifest = latest("out").manifest();
        assertThat(manifest.rows()).isEqualTo(10);
        assertThat(manifest.inputs())
                .extracting(Input::name, Input::watermark)
                .containsExactly(
                        tuple(VIEW, new Watermark("day", "bigint", "2", 6)),
                        tuple(VIEW + "-2", new Watermark("day", "bigint", "4", 10)));
        assertThat(manifest.parents())
                .extracting(Manifest.Parent::table, Manifest.Parent::version)
                .containsExactly(tuple("transitions", 1));
        assertThat(manifest.findings()).isNull();
    }

    @Test
    void theSameCommandAgainDoesNothing() {
        ingest("out", episodes(0, 3), "append = true");
        ingest("out", episodes(0, 5), "append = true");
        var again = ingest("out", episodes(0, 5), "append = true");

        assertThat(again.upToDate()).isTrue();
        assertThat(again.summary()).isEqualTo("no row is above the watermark 4 of transitions v2: nothing to do");
        assertThat(latest("out").number()).isEqualTo(2);
    }

    @Test
    void elevenDaysAreElevenVersions() {
        for (var day = 1; day <= 12; day++) {
            ingest("out", episodes(0, day), "append = true");
        }

        assertThat(latest("out").manifest().rows()).isEqualTo(24);
        assertThat(ingest("out", episodes(0, 12), "append = true").upToDate()).isTrue();
    }

    @Test
    void howTheSourceIsCutDoesNotMatter() {
        for (var parts : List.of(1, 7)) {
            var out = "out" + parts;
            ingest(out, episodes(0, 3).repartition(parts), "append = true");
            ingest(out, episodes(0, 5).repartition(parts), "append = true");
        }

        assertThat(latest("out7").manifest().fingerprint())
                .isEqualTo(latest("out1").manifest().fingerprint());
        assertThat(latest("out7").manifest().requestKey())
                .isEqualTo(latest("out1").manifest().requestKey());
    }

    @Test
    void lateRowsAreCountedAndLeftOut() {
        ingest("out", episodes(0, 3), "append = true");
        ingest(
                "out",
                episodes(0, 5).union(episodes(7, 8).selectExpr("episode", "t", "x", "a", "r", "end", "2L AS day")),
                "append = true");

        assertThat(said)
                .contains(
                        "[ingest] 2 rows came late: their day is not above 2, up to which all rows were taken; they are"
                                + " left out");
        assertThat(latest("out").manifest().rows()).isEqualTo(10);
        assertThat(String.valueOf(latest("out").manifest().findings())).contains("2 rows came late");
    }

    @Test
    void rowsThatAreGoneStayInTheDataset() {
        ingest("out", episodes(0, 3), "append = true");
        ingest("out", episodes(1, 5), "append = true");

        assertThat(said)
                .contains("[ingest] 2 rows that were taken are no longer in the source; the dataset keeps them");
        assertThat(latest("out").manifest().rows()).isEqualTo(10);
    }

    @Test
    void anEpisodeThatIsThereAlreadyIsQuarantined() {
        ingest("out", episodes(0, 3), "append = true");
        var again = episodes(0, 3).union(episodes(0, 1).selectExpr("episode", "t", "x", "a", "r", "end", "9L AS day"));
        var both = again.union(episodes(4, 5));

        assertThatThrownBy(() -> ingest("out", both, "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot ingest walks: 2 of 4 rows break the contract")
                .message()
                .hasLineCount(1);
        ingest("out", both, "append = true\nmax-quarantine-fraction = 0.5");
        assertThat(latest("out").manifest().rows()).isEqualTo(8);
        assertThat(said).contains("[ingest] quarantined rows by reason: 2 already-ingested");
    }

    @Test
    void aFrameIsHandedInAndAppendedTo() {
        var config = Settings.read(
                IngestConfig.class,
                ConfigFactory.parseString("append = true").withFallback(ConfigFactory.parseString(MAPPING)),
                "ingest");
        IngestStage.run(context("out"), episodes(0, 3), config);
        IngestStage.run(context("out"), episodes(0, 5), config);

        assertThat(latest("out").manifest().rows()).isEqualTo(10);
        assertThat(spark.catalog().tableExists(VIEW)).isFalse();
        episodes(0, 5).createOrReplaceTempView(VIEW);
        assertThatThrownBy(() -> IngestStage.run(context("out"), episodes(0, 6), config))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot ingest a frame as " + VIEW + ": ");
        assertThat(spark.table(VIEW).count()).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "timestamp_seconds(day * 86400) | 1970-01-05T00:00:00Z",
                "timestamp_seconds(253401868800 + day * 86400) | 9999-12-31T00:00:00Z",
                "date_add(date'2026-11-01', CAST(day AS INT)) | 2026-11-05",
                "CAST(timestamp_seconds(day * 86400) AS TIMESTAMP_NTZ) | 1970-01-05 00:00:00",
                "CAST(day AS DECIMAL(9, 2)) | 4.00",
                "concat('d', day) | d4",
                "CAST(day AS SMALLINT) | 4"
            })
    void watermarksAreOfManyTypes(String expression, String value) {
        var zone = spark.conf().get("spark.sql.session.timeZone");
        for (var days : List.of(3, 5, 5)) {
            ingest(
                    "out",
                    episodes(0, days).selectExpr("episode", "t", "x", "a", "r", "end", expression + " AS day"),
                    "append = true");
            spark.conf().set("spark.sql.session.timeZone", "UTC");
        }
        spark.conf().set("spark.sql.session.timeZone", zone);

        var manifest = latest("out").manifest();
        assertThat(manifest.version()).isEqualTo(2);
        assertThat(manifest.rows()).isEqualTo(10);
        assertThat(manifest.inputs().get(1).watermark())
                .extracting(Watermark::column, Watermark::value, Watermark::rows)
                .containsExactly("day", value, 10L);
    }

    @Test
    void anotherWatermarkThanBeforeTellsNothingOfWhatWasTaken() {
        ingest("out", episodes(0, 3).selectExpr("*", "day + 100 AS written"), "append = true, watermark = written");
        assertThatThrownBy(() -> ingest("out", episodes(0, 5), "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot append to transitions v1 by watermark = day (bigint): its rows were taken up to 102 of"
                                + " column 'written' (bigint); use that one as it was, or ingest all into another --out");
        assertThatThrownBy(() -> ingest(
                        "out",
                        episodes(0, 5).selectExpr("*", "CAST(day + 100 AS STRING) AS written"),
                        "append = true, watermark = written"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("by watermark = written (string): its rows were taken up to 102");
    }

    @Test
    void whatIsWrongIsToldInOneLine() {
        assertThatThrownBy(() -> ingest("out", episodes(0, 2), "watermark = null\nappend = true"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot append with format = spark: ")
                .hasMessageContaining("; name a column that grows as watermark, from the first time on");
        assertThatThrownBy(() -> ingest("out", episodes(0, 2), "watermark = x"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use watermark = x: column 'x' of " + VIEW
                        + " is of type double; use one of whole numbers, dates, timestamps or texts");
        assertThatThrownBy(
                        () -> ingest("out", episodes(0, 2).selectExpr("*", "nullif(day, 1) AS at"), "watermark = at"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot ingest " + VIEW
                        + ": 2 rows have no value in the watermark's column 'at'; leave them out, or give one");
        assertThatThrownBy(() -> ingest("out", episodes(0, 2), "episode-per = row"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use watermark = day with episode-per = row: ");
        ingest("out", episodes(0, 2), "watermark = null");
        assertThatThrownBy(() -> ingest("out", episodes(0, 3), "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot append to transitions v1: it was ingested without a watermark, ");
    }

    private StageResult ingest(String out, Dataset<Row> frame, String further) {
        frame.createOrReplaceTempView(VIEW);
        var config = Settings.read(
                IngestConfig.class,
                ConfigFactory.parseString(further).withFallback(ConfigFactory.parseString(MAPPING)),
                "ingest");
        return IngestStage.run(context(out), config);
    }

    private StageContext context(String out) {
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve(out).toString()), said::add);
    }

    private TableVersion latest(String out) {
        return context(out).warehouse().require(TableName.TRANSITIONS);
    }
}
