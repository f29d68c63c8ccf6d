package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.table.parquet.PartReader;
import io.hindcast.table.parquet.PartWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableRowsTest {
    @TempDir
    Path directory;

    private SparkOnDemand spark;
    private Warehouse warehouse;

    @BeforeEach
    void open() {
        spark = SparkOnDemand.of(new SparkConf(false).setMaster("local[3,2]"), LocalSpark::session);
        warehouse = new Warehouse(spark, directory.toString());
    }

    @Test
    void rowsAreReadInTheirOrderWithoutSpark() {
        var version = warehouse.publish(
                TableName.METRICS,
                new Request("train", Map.of(), List.of(), List.of()),
                List.of(new Object[] {"b", 2L, "loss", 0.5}, new Object[] {"a", 1L, "loss", Double.NaN}));

        assertThat(TableRows.of(warehouse, version, "step", "run_id"))
                .extracting(row -> row.<Long>getAs("step") + row.<String>getAs("run_id"))
                .containsExactly("2b", "1a");
        assertThat(TableRows.of(warehouse, version).get(1).<Double>getAs("value"))
                .isNaN();
        assertThat(spark.isStarted()).isFalse();
    }

    @Test
    void whatAFileLacksIsNull() throws Exception {
        // As a hindcast wrote it that knew no other columns.
        var old = new StructType().add("run_id", DataTypes.StringType, false);
        try (var writer = new PartWriter(old, directory.toString(), "old.parquet", new Configuration())) {
            writer.write(new Object[] {"first"});
            writer.finish();
        }
        try (var part = PartReader.ofThoseThere(
                new Configuration(), directory.resolve("old.parquet").toString(), List.of("seed", "run_id"))) {
            assertThat(part.columns()).extracting(column -> column.name()).containsExactly("run_id");
        }
    }

    @Test
    void sparkStartsOnceWhenAFrameIsRead() {
        var version = warehouse.publish(
                TableName.METRICS,
                new Request("train", Map.of(), List.of(), List.of()),
                List.<Object[]>of(new Object[] {"a", 1L, "loss", 1.0}));

        assertThat(warehouse.read(version).count()).isOne();
        assertThat(spark.isStarted()).isTrue();
        assertThat(spark.session()).isSameAs(LocalSpark.session());
    }

    @Test
    void aLocalMasterTellsItsCoresWithoutSpark() {
        assertThat(spark.isLocal()).isTrue();
        assertThat(spark.parallelism()).isEqualTo(3);
        assertThat(of("local").parallelism()).isOne();
        assertThat(of("local[*]").parallelism()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(SparkOnDemand.of(
                                new SparkConf(false).setMaster("local[3]").set("spark.default.parallelism", "7"),
                                LocalSpark::session)
                        .parallelism())
                .isEqualTo(7);
        assertThat(spark.isStarted()).isFalse();
    }

    @Test
    void whereExecutorsAreOtherProcessesSparkStartsAtOnce() {
        assertThat(of("local-cluster[2,1,1024]").isStarted()).isTrue();
        assertThat(of("spark://127.0.0.1:7077").isLocal()).isFalse();
    }

    private static SparkOnDemand of(String master) {
        return SparkOnDemand.of(new SparkConf(false).setMaster(master), LocalSpark::session);
    }
}
