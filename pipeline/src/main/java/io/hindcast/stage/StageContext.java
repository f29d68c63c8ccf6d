package io.hindcast.stage;

import io.hindcast.table.Warehouse;
import org.apache.spark.sql.SparkSession;

/** What every stage works with. */
public record StageContext(SparkSession spark, Warehouse warehouse, Progress progress) {}
