package io.hindcast.table;

import io.hindcast.stage.RunMessages;
import org.apache.spark.sql.SparkSession;

/** The one Spark session of all tests of a JVM. */
public final class LocalSpark {
    private LocalSpark() {}

    public static SparkSession session() {
        var builder = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                // A page for each sort and each group, of a heap this large 64 MB, is more to clear than there is to
                // sort.
                .config("spark.buffer.pageSize", "1m")
                // Every query is another one, of a few rows: to compile code for it, and to plan it anew while it runs,
                // takes longer than its work. Tests that run the command line have Spark's own settings.
                .config("spark.sql.codegen.wholeStage", "false")
                .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
                .config("spark.sql.adaptive.enabled", "false")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.plugins", RunMessages.class.getName());
        Warehouse.SESSION_SETTINGS.forEach(builder::config);
        return builder.getOrCreate();
    }
}
