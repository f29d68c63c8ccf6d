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
        var version = warehouse.publish(TableName.PREDICTIONS, ASKED, frame);
        var another = warehouse.publish(TableName.PREDICTIONS, ASKED, frame.selectExpr("id AS other"));

        var published =
                warehouse.find(TableName.PREDICTIONS, any -> any.number() == 1).orElseThrow();
        assertThat(published.schema().fieldNames()).containsExactly("id", "a.b", "list");
        assertThat(warehouse.read(published).collectAsList())
                .containsExactlyInAnyOrderElementsOf(frame.collectAsList());
        assertThat(version.manifest().rows()).isEqualTo(3);
        assertThat(warehouse.read(another).columns()).containsExactly("other");
    }

    @Test
    void theFingerprintSeesWhatIsInAMap() {
        var one = warehouse.publish(
                TableName.PREDICTIONS, ASKED, frame("map('a', 1)").repartition(3));
        var same = warehouse.publish(
                TableName.PREDICTIONS, ASKED, frame("map('a', 1)").coalesce(1));
        var other = warehouse.publish(TableName.PREDICTIONS, ASKED, frame("map('a', 2)"));
        assertThat(same.manifest().fingerprint()).isEqualTo(one.manifest().fingerprint());
        assertThat(other.manifest().fingerprint()).isNotEqualTo(one.manifest().fingerprint());
    }

    @Test
    void whatBelongsToAVersionIsReadOnceThatIsThereAndGoesIfItNeverIs() {
        try (var publication = warehouse.begin(TableName.PREDICTIONS)) {
            publication.beside(TableName.PREDICTION_QUARANTINE, ASKED, frame("map('a', 1)"));
            assertThat(warehouse.snapshot().find(TableName.PREDICTION_QUARANTINE))
                    .isEmpty();
            publication.publish(ASKED, frame("map('a', 2)"));
        }
        var there = warehouse.snapshot();
        assertThat(there.require(TableName.PREDICTION_QUARANTINE).manifest().publication())
                .isNotNull()
                .isEqualTo(there.require(TableName.PREDICTIONS).manifest().publication());
        assertThat(there.leftOut()).isEmpty();

        try (var publication = warehouse.begin(TableName.PREDICTIONS)) {
            publication.beside(TableName.PREDICTION_QUARANTINE, ASKED, frame("map('a', 3)"));
        }
        assertThat(Files.exists(out.resolve("prediction_quarantine/v2"))).isFalse();
        assertThat(warehouse.snapshot().require(TableName.PREDICTION_QUARANTINE).number())
                .isEqualTo(1);
    }

    private static Dataset<Row> frame(String map) {
        return LocalSpark.session().range(3).selectExpr("id", map + " AS `a.b`", "array('x', NULL) AS list");
    }
}
