package io.hindcast.bench;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import java.math.BigInteger;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * A synthetic log for measurements: episodes of {@value #STEPS} steps whose rows are in random order, with {@value
 * #OBSERVATION} numbers of observation and {@value #ACTION} of action within [-1, 1], in Parquet. Every number is a
 * hash of its place.
 */
public final class SyntheticLog {
    /** Steps of an episode. */
    public static final int STEPS = 200;

    /** Numbers of an observation. */
    public static final int OBSERVATION = 16;

    /** Numbers of an action. */
    public static final int ACTION = 4;

    private static final long ROWS_PER_FILE = 2_000_000;
    private static final double HALF = 0x1p63;

    private SyntheticLog() {}

    /** Writes {@code rows} rows to a directory that is not there. */
    public static void write(SparkSession spark, long rows, String directory) {
        var place = col("id").multiply(stride(rows)).mod(rows);
        var step = col("place").mod(STEPS);
        spark.range(0, rows, 1, partitions(spark, rows))
                .select(place.as("place"))
                .select(
                        concat(
                                        lit("episode-"),
                                        col("place").minus(step).divide(STEPS).cast("long"))
                                .as("episode"),
                        step.as("step"),
                        numbers(OBSERVATION, 0).as("observation"),
                        numbers(ACTION, OBSERVATION).as("action"),
                        number(OBSERVATION + ACTION).cast("double").as("reward"),
                        lit(false).as("terminated"),
                        step.equalTo(STEPS - 1).as("truncated"))
                .write()
                .mode(SaveMode.ErrorIfExists)
                .parquet(directory);
    }

    /** What Spark alone needs to bring the rows into order: read, shuffle by episode, sort, write. */
    public static void sort(SparkSession spark, long rows, String from, String to) {
        spark.read()
                .parquet(from)
                .repartition(partitions(spark, rows), col("episode"))
                .sortWithinPartitions("episode", "step")
                .write()
                .mode(SaveMode.ErrorIfExists)
                .option("compression", "zstd")
                .parquet(to);
    }

    private static int partitions(SparkSession spark, long rows) {
        return (int) Math.max(spark.sparkContext().defaultParallelism(), rows / ROWS_PER_FILE);
    }

    /** A factor that has no divisor in common with {@code rows}: multiples of it, modulo rows, go once through all of them. */
    static long stride(long rows) {
        var stride = Math.max(1, (long) (rows * 0.6180339887498949)); // neighbours land far apart
        while (!BigInteger.valueOf(stride).gcd(BigInteger.valueOf(rows)).equals(BigInteger.ONE)) {
            stride++;
        }
        return stride;
    }

    private static Column numbers(int count, int from) {
        return array(IntStream.range(from, from + count)
                .mapToObj(SyntheticLog::number)
                .toArray(Column[]::new));
    }

    private static Column number(int which) {
        return xxhash64(col("place"), lit(which)).divide(HALF).cast("float");
    }
}
