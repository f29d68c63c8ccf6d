package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shop whose transitions, estimates and predictions others read in tables of Delta and Iceberg. */
@Tag("lake")
class LakeShopTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    private Map<String, String> settings() {
        return settings(directory.resolve("ice").toString());
    }

    /**
     * Of a session with Delta and Iceberg.
     *
     * @param warehouse of Iceberg's catalogue {@code ice}
     */
    static Map<String, String> settings(String warehouse) {
        return Map.of(
                "spark.master", "local[2]",
                "spark.ui.enabled", "false",
                "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
                "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog",
                "spark.sql.catalog.ice", "org.apache.iceberg.spark.SparkCatalog",
                "spark.sql.catalog.ice.type", "hadoop",
                "spark.sql.catalog.ice.warehouse", warehouse);
    }

    @AfterEach
    void forget() {
        settings().keySet().forEach(System::clearProperty);
    }

    @Test
    void whatThePipelinePublishesIsInTheTablesThatAreNamed() throws IOException {
        var shop = new Shop(directory);
        shop.log("day-1", 300, "", "0.3333333333333333", Shop.Clicks.AS_THEY_WERE);
        settings().forEach(System::setProperty);
        pipeline(shop);
        pipeline(shop);

        try (var spark = SparkSession.builder().getOrCreate()) {
            for (var table : List.of("transitions", "estimates", "predictions")) {
                var published = spark.read()
                        .format("hindcast")
                        .option("table", table)
                        .load(shop.out().toString());
                var copy = table.equals("estimates")
                        ? spark.table("ice.rl.estimates")
                        : spark.read()
                                .format("delta")
                                .load(directory.resolve(table).toString());
                assertThat(copy.count()).as(table).isPositive().isEqualTo(published.count());
                assertThat(copy.columns()).containsExactly(published.columns());
            }
            assertThat(spark.table("ice.rl.estimates.snapshots").count()).isEqualTo(1);
            assertThat(spark.sql("DESCRIBE HISTORY delta.`" + directory + "/predictions`")
                            .count())
                    .isEqualTo(1);
        }
    }

    private void pipeline(Shop shop) {
        var arguments = new ArrayList<>(List.of(
                "pipeline",
                "--conf",
                "../conf/retrain.conf",
                "--out",
                shop.out().toString()));
        Stream.concat(
                        Stream.of(
                                "ingest.input=[\"" + shop.logs() + "\"]",
                                "predict.input=[\"" + shop.visitorsOfTomorrow() + "\"]",
                                "registry.directory=" + shop.registry(),
                                "publish.transitions.format=delta",
                                "publish.transitions.path=" + directory.resolve("transitions"),
                                "publish.estimates.format=iceberg",
                                "publish.estimates.table=ice.rl.estimates",
                                "publish.predictions.format=delta",
                                "publish.predictions.path=" + directory.resolve("predictions")),
                        Shop.SMALL.stream())
                .forEach(set -> arguments.addAll(List.of("--set", set)));
        said.reset();
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(Hindcast.run(Jobs.ALL, out, out, arguments.toArray(String[]::new)))
                .as(said.toString(StandardCharsets.UTF_8))
                .isZero();
    }
}
