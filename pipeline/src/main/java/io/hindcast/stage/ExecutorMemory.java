package io.hindcast.stage;

import org.apache.spark.SparkConf;

/**
 * The memory of an executor as Spark asks a cluster manager for it.
 *
 * @param heap bytes of its Java heap
 * @param overhead bytes beyond it
 */
public record ExecutorMemory(long heap, long overhead) {
    private static final long LEAST_OVERHEAD = 384;
    private static final double OVERHEAD_FACTOR = 0.1;

    /** As a configuration says, or else Spark's defaults. */
    public static ExecutorMemory of(SparkConf conf) {
        // Spark reads bare numbers of both as megabytes.
        var heap = conf.getSizeAsMb("spark.executor.memory", "1g");
        var factor = conf.getDouble("spark.executor.memoryOverheadFactor", OVERHEAD_FACTOR);
        var least = Math.max((long) (factor * heap), LEAST_OVERHEAD);
        return new ExecutorMemory(heap << 20, conf.getSizeAsMb("spark.executor.memoryOverhead", least + "m") << 20);
    }
}
