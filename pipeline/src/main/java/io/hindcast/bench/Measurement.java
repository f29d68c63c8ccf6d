package io.hindcast.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How fast one learner is at one size: a line of {@code bench.jsonl}, whose keys are these names in snake case. The rates are
 * of all runs together.
 *
 * @param workload the sizes
 * @param learner the learner
 * @param threads threads of a run
 * @param runs runs side by side
 * @param updatesPerSecondBest in the best block (of one run) or window (of several)
 * @param updatesPerSecondMedian in the median one
 * @param usefulFlopsPerUpdate operations of the products that an update cannot do without
 * @param sgemmGflops the best rate of a 256 x 256 x 256 product of that precision on one core, of the libraries that run here,
 *     in 1e9/s
 * @param efficiency useful operations a second in the best block, as a share of {@code runs} times that rate
 * @param heapBytesPerUpdate bytes an update allocates on the Java heap; of several runs, of the one that allocates most
 * @param blas the library that multiplied in the updates
 * @param sgemmBlas the library that had the best rate
 * @param loadAverage of the machine when the measurement began, negative if unknown: well above what this program itself adds,
 *     the machine was shared
 * @param precision of the factors of products
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Measurement(
        String workload,
        String learner,
        int threads,
        int runs,
        double updatesPerSecondBest,
        double updatesPerSecondMedian,
        double usefulFlopsPerUpdate,
        double sgemmGflops,
        double efficiency,
        double heapBytesPerUpdate,
        String blas,
        String sgemmBlas,
        double loadAverage,
        String precision) {}
