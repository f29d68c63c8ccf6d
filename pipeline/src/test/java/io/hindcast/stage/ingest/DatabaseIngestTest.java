package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.Input.Watermark;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TimeZone;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.h2.util.DateTimeUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of a database, whose rows come night by night. */
class DatabaseIngestTest {
    private static final String CONF = """
            format = spark, dataset = walks
            spark { format = jdbc, options { url = "%s", user = bob, password = pw9x77, dbtable = log } }
            action-space { type = continuous, dimension = 1 }
            columns { observation = [X], action = A, reward = R, terminated = DONE, episode-id = E, step = T }
            """;

    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();
    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    private final TimeZone zone = TimeZone.getDefault();

    @TempDir
    Path directory;

    private Connection database;

    @BeforeEach
    void open() throws SQLException {
        database = DriverManager.getConnection(url, "bob", "pw9x77");
    }

    @AfterEach
    void close() throws SQLException {
        TimeZone.setDefault(zone);
        DateTimeUtils.resetCalendar();
        sql("SHUTDOWN");
    }

    private void sql(String... statements) throws SQLException {
        try (var statement = database.createStatement()) {
            for (var one : statements) {
                statement.execute(one);
            }
        }
    }

    /** A table of steps that also holds a {@code K} of that type. */
    private void table(String type) throws SQLException {
        sql("CREATE TABLE log(E INT, T INT, X DOUBLE PRECISION, A DOUBLE PRECISION, R DOUBLE PRECISION, DONE BOOLEAN,"
                + " K " + type + ")");
    }

    /** Episodes of a step, each with its {@code K}. */
    private void episodes(int from, String... keys) throws SQLException {
        for (var i = 0; i < keys.length; i++) {
            sql("INSERT INTO log VALUES (" + (from + i) + ", 0, 0.5, 0.25, 1, true, " + keys[i] + ")");
        }
    }

    @Test
    void aTextIsAboveTheWatermarkWhereSparkSaysSoWhateverTheDatabaseSortsBy() throws SQLException {
        sql("SET DATABASE COLLATION ENGLISH STRENGTH SECONDARY");
        table("VARCHAR(9)");
        episodes(0, "'C'", "'B'", "'a'"); // to the database 'a' is the least, to Spark the greatest
        ingest("append = true, watermark = K");
        assertThat(rows()).isEqualTo(3);
        assertThat(watermark().value()).isEqualTo("a");

        episodes(3, "'b'", "'aa'");
        ingest("append = true, watermark = K");
        assertThat(rows()).isEqualTo(5);
        assertThat(quarantined()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    TIMESTAMP(9); TIMESTAMP '2026-11-30 10:00:00.1234561'; TIMESTAMP '2026-11-30 10:00:00.1234567'; TIMESTAMP '2026-11-30 10:00:00.123457'
                    TIMESTAMP(9); TIMESTAMP '1969-11-30 10:00:00.1234561'; TIMESTAMP '1969-11-30 10:00:00.1234567'; TIMESTAMP '1969-11-30 10:00:00.123457'
                    TIMESTAMP(3); TIMESTAMP '2026-11-30 10:00:00.122'; TIMESTAMP '2026-11-30 10:00:00.123'; TIMESTAMP '2026-11-30 10:00:00.124'
                    TIMESTAMP(0); TIMESTAMP '2026-11-30 10:00:00'; TIMESTAMP '2026-11-30 10:00:01'; TIMESTAMP '2026-11-30 10:00:02'
                    TIMESTAMP(9) WITH TIME ZONE; TIMESTAMP '2026-11-30 10:00:00.1234561+01:00'; TIMESTAMP '2026-11-30 11:00:00.1234567+02:00'; TIMESTAMP '2026-11-30 09:00:00.123457Z'
                    DATE; DATE '2026-11-29'; DATE '2026-11-30'; DATE '2026-12-01'
                    BIGINT; 9007199254740993; 9007199254740994; 9007199254740995
                    NUMERIC(38, 0); 12345678901234567890123456789012345677; 12345678901234567890123456789012345678; 12345678901234567890123456789012345679
                    NUMERIC(10, 3); 1.001; 1.0015; 1.003
                    NUMERIC(50, 45); 1.0012345678901234567890123456789012345677774; 1.0012345678901234567890123456789012345677777; 1.01
                    """)
    void everyRowIsTakenOnceHoweverFineItsKeyIs(String type, String first, String second, String third)
            throws SQLException {
        in("Europe/Berlin"); // Spark's session is in UTC
        table(type);
        episodes(0, first, second);
        ingest("append = true, watermark = K");
        assertThat(rows()).isEqualTo(2);
        assertThat(ingest("append = true, watermark = K").upToDate()).isTrue();
        assertThat(said).noneMatch(line -> line.contains("came late") || line.contains("no longer in the source"));

        episodes(2, third);
        ingest("append = true, watermark = K");
        assertThat(rows()).isEqualTo(3);
        assertThat(quarantined()).isZero();
        assertThat(said).noneMatch(line -> line.contains("came late") || line.contains("no longer in the source"));
    }

    @Test
    void aTimeWithAZoneIsThatInstantWhereverTheJobRuns() throws SQLException {
        in("Europe/Berlin");
        table("TIMESTAMP WITH TIME ZONE");
        episodes(0, "TIMESTAMP '2026-11-30 10:00:00+01:00'", "TIMESTAMP '2026-11-30 10:00:00-05:00'");
        ingest("append = true, watermark = K");
        assertThat(watermark().value()).isEqualTo("2026-11-30T15:00:00Z");
        assertThat(rows()).isEqualTo(2);

        episodes(2, "TIMESTAMP '2026-11-30 15:00:01Z'");
        ingest("append = true, watermark = K");
        assertThat(rows()).isEqualTo(3);
        assertThat(quarantined()).isZero();
    }

    private void in(String other) throws SQLException {
        TimeZone.setDefault(TimeZone.getTimeZone(other));
        DateTimeUtils.resetCalendar(); // H2 remembers it
        database.close();
        open();
    }

    @Test
    void numbersOfAnyPrecisionAndNullsAreReadNightByNight() throws SQLException {
        sql("CREATE TABLE log(E NUMERIC(20), T SMALLINT, X NUMERIC(12, 4), A REAL, R NUMERIC(38, 10), DONE BOOLEAN,"
                + " K TIMESTAMP(6))");
        sql("INSERT INTO log VALUES (12345678901234567890, 0, 0.5, 0.25, NULL, NULL, TIMESTAMP '2026-11-30 10:00:00')");
        sql("INSERT INTO log VALUES (12345678901234567890, 1, 1.25, 0.5, 2.5, true, TIMESTAMP '2026-11-30 10:00:01')");
        sql("INSERT INTO log VALUES (12345678901234567891, 0, 0.5, 0.25, 1.5, NULL, TIMESTAMP '2026-11-30 10:00:02')");
        sql("INSERT INTO log VALUES (12345678901234567891, 1, 0.5, 0.25, 3.5, true, TIMESTAMP '2026-11-30 10:00:03')");
        var conf = "append = true, watermark = K, columns.time = K, columns.step = null, max-quarantine-fraction = 1";
        ingest(conf);
        assertThat(transitions())
                .extracting(Transition::episodeId)
                .containsOnly("12345678901234567891"); // the other has a step without a reward
        assertThat(quarantined()).isEqualTo(2);

        sql(
                "INSERT INTO log VALUES (12345678901234567892, 0, 0.5, 0.25, -1.5, false, TIMESTAMP '2026-11-30 11:00:00.5')");
        sql("INSERT INTO log VALUES (12345678901234567892, 1, 0.5, 0.25, 7, true, TIMESTAMP '2026-11-30 11:00:02')");
        ingest(conf);
        assertThat(transitions()).extracting(Transition::reward).containsExactly(1.5, 3.5, -1.5, 7.0);
        assertThat(transitions().get(2).timeDelta()).isEqualTo(1.5);
        assertThat(watermark()).isEqualTo(new Watermark("K", "timestamp", "2026-11-30T11:00:02Z", 6));
    }

    @Test
    void whatTheDatabaseRefusesWhileItIsReadIsToldInOneLine() throws SQLException {
        table("INT");
        episodes(0, "7");
        var slow =
                "spark.options.dbtable = \"(SELECT l.* FROM log l, SYSTEM_RANGE(1, 2000000000) s WHERE SIN(s.X) > 2) q\"";
        assertThatThrownBy(() -> ingest(slow + ", spark.options.queryTimeout = 1"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot ingest walks: ")
                .hasMessageContaining("timed out")
                .hasMessageContaining("; ")
                .message()
                .hasLineCount(1)
                .doesNotContain("pw9x77");
        var division = "spark.options.dbtable = \"(SELECT l.*, 1 / (K - 7) Q FROM log l WHERE 1 / (K - 7) > 0) q\"";
        assertThatThrownBy(() -> ingest(division))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Division by zero")
                .message()
                .hasLineCount(1);
    }

    @Test
    void aNumberThatIsTooWideForSparkIsToldInOneLine() throws SQLException {
        table("NUMERIC(60, 10)");
        episodes(0, "12345678901234567890123456789012345678901234567890.5");
        assertThatThrownBy(() -> ingest("columns.keep = [K]"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot ingest walks: ")
                .hasMessageContaining("12345678901234567890123456789012345678901234567890")
                .message()
                .hasLineCount(1);
    }

    private StageResult ingest(String further) {
        var conf = ConfigFactory.parseString(further).withFallback(ConfigFactory.parseString(CONF.formatted(url)));
        return IngestStage.run(context(), Settings.read(IngestConfig.class, conf, ""));
    }

    private StageContext context() {
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve("out").toString()), said::add);
    }

    private long rows() {
        return context().warehouse().require(TableName.TRANSITIONS).manifest().rows();
    }

    private long quarantined() {
        return context()
                .warehouse()
                .snapshot()
                .find(TableName.QUARANTINE)
                .map(table -> table.manifest().rows())
                .orElse(0L);
    }

    private Watermark watermark() {
        return context().warehouse().require(TableName.TRANSITIONS).manifest().inputs().stream()
                .map(input -> Objects.requireNonNull(input.watermark()))
                .max(Comparator.comparingLong(Watermark::rows))
                .orElseThrow();
    }

    private List<Transition> transitions() {
        var warehouse = context().warehouse();
        return warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .sorted(Comparator.comparing(Transition::episodeId).thenComparing(Transition::step))
                .toList();
    }
}
