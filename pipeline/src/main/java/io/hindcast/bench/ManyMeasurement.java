package io.hindcast.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How long the jobs take with many small runs or checkpoints: a line of {@code bench-many.jsonl}, whose keys are these
 * names in snake case.
 *
 * @param runs how many runs a sweep had
 * @param checkpoints how many each of them left
 * @param train training, which does hardly anything but write checkpoints
 * @param evaluate playing an episode of each checkpoint
 * @param report the report
 * @param reportBytes the size of {@code report.html}
 * @param reportFiles how many files the report has
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ManyMeasurement(
        int runs,
        int checkpoints,
        Command train,
        Command evaluate,
        Command report,
        long reportBytes,
        long reportFiles) {
    /**
     * What a whole command took, the start of Java and Spark with it.
     *
     * @param seconds by the clock
     * @param cpuSeconds of all its threads; less depends on what else the machine does
     * @param peakHeapBytes the most that was left on the Java heap behind a garbage collection; 0: there was none
     * @param peakMemoryBytes the most memory that the process had, code and native memory too; 0: the system does not tell
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Command(double seconds, double cpuSeconds, long peakHeapBytes, long peakMemoryBytes) {}
}
