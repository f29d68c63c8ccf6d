package io.hindcast.stage;

import io.hindcast.table.LocalSpark;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/** A Spark session with Delta and Iceberg, whose jars only the profile lake has; no other test may have started one in this JVM. */
public final class LakeSpark {
    /** The folder of Iceberg's catalogue {@code ice}. */
    public static final Path WAREHOUSE = Path.of("target", "lake-warehouse").toAbsolutePath();

    static {
        FileUtils.deleteQuietly(WAREHOUSE.toFile()); // of tests that were stopped
    }

    private LakeSpark() {}

    public static SparkSession session() {
        SparkSession.builder()
                .master("local[2]")
                .config(
                        "spark.sql.extensions",
                        "io.delta.sql.DeltaSparkSessionExtension,"
                                + "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
                .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
                .config("spark.sql.catalog.ice", "org.apache.iceberg.spark.SparkCatalog")
                .config("spark.sql.catalog.ice.type", "hadoop")
                .config(
                        "spark.sql.catalog.ice.warehouse",
                        WAREHOUSE.resolve("ice").toString())
                // Of tables that are named by their paths; without this it is one of Hive, whose jars are not there.
                .config("spark.sql.catalog.default_iceberg", "org.apache.iceberg.spark.SparkCatalog")
                .config("spark.sql.catalog.default_iceberg.type", "hadoop")
                .config(
                        "spark.sql.catalog.default_iceberg.warehouse",
                        WAREHOUSE.resolve("ice").toString())
                .config("spark.sql.warehouse.dir", WAREHOUSE.resolve("hive").toString())
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .config("spark.databricks.delta.snapshotPartitions", "1")
                .getOrCreate();
        return LocalSpark.session();
    }
}
