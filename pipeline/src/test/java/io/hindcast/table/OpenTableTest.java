package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables whose versions have the columns of other tables, and what is published with them. */
class OpenTableTest {
    private static final Request ASKED = new Request("predict", Map.of("seed", 1), List.of(), List.of());

    @TempDir
    Path out;

    private Warehouse warehouse;

    @BeforeEach
    void open() {
        warehouse = new Warehouse(LocalSpark.session(), out.toString());
    }

    @Test
    void aVersionSaysItsColumnsItselfAndIsReadWithThem() {
        var frame = frame("map('a', 1, 'b', CAST(NULL AS INT))");
        var version = PassedTables.publish(warehouse, TableName.PREDICTIONS, ASKED, frame);
        var another = PassedTables.publish(warehouse, TableName.PREDICTIONS, ASKED, frame.selectExpr("id AS other"));

        var published =
                warehouse.find(TableName.PREDICTIONS, any -> any.number() == 1).orElseThrow();
        assertThat(published.schema().fieldNames()).containsExactly("id", "a.b", "list");
        assertThat(warehouse.read(published).collectAsList())
                .containsExactlyInAnyOrderElementsOf(frame.collectAsList());
        assertThat(version.manifest().rows()).isEqualTo(3);
        assertThat(warehouse.read(another).columns()).containsExactly("other");
    }

    /** Those that are copied as they are, and those that Spark encodes, each with and without values. */
    @Test
    void columnsOfAnyTypeAreReadBackAsTheyWereAndTheirFingerprintIsTheOneThatSparkFinds() {
        var frame = LocalSpark.session()
                .range(0, 9000, 1, 2)
                .selectExpr(
                        "id",
                        "IF(id % 7 = 0, NULL, CAST(id AS INT)) AS whole",
                        "CAST(id % 100 AS SHORT) AS short",
                        "CAST(id % 100 AS BYTE) AS byte",
                        "IF(id % 5 = 0, NULL, CAST(id / 3 AS FLOAT)) AS single",
                        "id / 3 AS number",
                        "id % 2 = 0 AS flag",
                        "IF(id % 3 = 0, NULL, concat('Grüße ', id)) AS text",
                        "CAST(concat('b', id) AS BINARY) AS bytes",
                        "date_add(DATE'1492-10-12', CAST(id AS INT)) AS day",
                        "timestamp_micros(id * 1234567891011 - 30000000000000000) AS time",
                        "CAST(timestamp_micros(id * 1234567891011) AS TIMESTAMP_NTZ) AS local",
                        "CAST(id / 7 AS DECIMAL(12, 3)) AS money",
                        "CAST(id AS DECIMAL(30, 3)) AS much",
                        "IF(id % 4 = 0, NULL, array(CAST(id AS FLOAT), CAST(1 AS FLOAT))) AS vector",
                        "IF(id % 6 = 0, array(), array(id / 2, IF(id % 11 = 0, NULL, 1D), 2D)) AS gaps",
                        "IF(id % 9 = 0, array(CAST(NULL AS FLOAT)), array(CAST(id AS FLOAT))) AS holes",
                        "array(array(id), array()) AS lists",
                        "array('x', NULL) AS texts",
                        "IF(id % 8 = 0, NULL, struct(id AS `a.b`, map('k', id) AS m)) AS struct",
                        "map(id, 'v') AS map",
                        "interval '1' day * id AS duration");
        var version = PassedTables.publish(warehouse, TableName.PREDICTIONS, ASKED, frame);
        var read = warehouse.read(version);
        assertThat(read.schema()).isEqualTo(frame.schema().asNullable());
        assertThat(read.orderBy("id").collectAsList()).isEqualTo(frame.collectAsList());
        assertThat(version.manifest().rows()).isEqualTo(9000);
        assertThat(version.manifest().fingerprint())
                .isEqualTo(Contents.withNulls(read, read.schema()).fingerprint());
    }

    @Test
    void theFingerprintSeesWhatIsInAMap() {
        var one = PassedTables.publish(
                warehouse, TableName.PREDICTIONS, ASKED, frame("map('a', 1)").repartition(3));
        var same = PassedTables.publish(
                warehouse, TableName.PREDICTIONS, ASKED, frame("map('a', 1)").coalesce(1));
        var other = PassedTables.publish(warehouse, TableName.PREDICTIONS, ASKED, frame("map('a', 2)"));
        assertThat(same.manifest().fingerprint()).isEqualTo(one.manifest().fingerprint());
        assertThat(other.manifest().fingerprint()).isNotEqualTo(one.manifest().fingerprint());
    }

    @Test
    void whatBelongsToAVersionIsReadOnceThatIsThereAndGoesIfItNeverIs() {
        try (var publication = warehouse.begin(TableName.PREDICTIONS)) {
            publication.beside(quarantine("map('a', 1)"), ASKED, null);
            assertThat(warehouse.snapshot().find(TableName.PREDICTION_QUARANTINE))
                    .isEmpty();
            publication.publish(
                    PassedTables.draft(warehouse, TableName.PREDICTIONS, frame("map('a', 2)")), ASKED, null);
        }
        var there = warehouse.snapshot();
        assertThat(there.require(TableName.PREDICTION_QUARANTINE).manifest().publication())
                .isNotNull()
                .isEqualTo(there.require(TableName.PREDICTIONS).manifest().publication());
        assertThat(there.leftOut()).isEmpty();

        try (var publication = warehouse.begin(TableName.PREDICTIONS)) {
            publication.beside(quarantine("map('a', 3)"), ASKED, null);
        }
        assertThat(Files.exists(out.resolve("prediction_quarantine/v2"))).isFalse();
        assertThat(warehouse.snapshot().require(TableName.PREDICTION_QUARANTINE).number())
                .isEqualTo(1);
    }

    private Draft quarantine(String map) {
        return PassedTables.draft(warehouse, TableName.PREDICTION_QUARANTINE, frame(map));
    }

    private static Dataset<Row> frame(String map) {
        return LocalSpark.session().range(3).selectExpr("id", map + " AS `a.b`", "array('x', NULL) AS list");
    }
}
