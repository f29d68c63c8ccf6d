package io.hindcast.stage;

import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.Warehouse;
import org.apache.spark.sql.SparkSession;

/** What every stage works with. */
public record StageContext(SparkOnDemand engine, Warehouse warehouse, Progress progress) {
    /** With a session that runs already. */
    public StageContext(SparkSession spark, Warehouse warehouse, Progress progress) {
        this(SparkOnDemand.of(spark), warehouse, progress);
    }

    /** The session, which starts if it has not; who only reads files needs none. */
    public SparkSession spark() {
        return engine.session();
    }
}
