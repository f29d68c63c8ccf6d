package io.hindcast.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What a program that reads a log took, its start with it: a line of {@code bench-judge.jsonl}, whose keys are these names in snake
 * case.
 *
 * @param name what was done
 * @param rows how many rows it was done to
 * @param policies how many policies were judged by them, the logged and the uniform one not counted; 1 where none was
 * @param seconds by the clock
 * @param cpuSeconds of all its threads; less depends on what else the machine does
 * @param peakHeapBytes the most that was left on the Java heap behind a garbage collection; 0: none was told
 * @param peakMemoryBytes the most memory that the process had, code and native memory too; 0: the system does not tell
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record JudgeMeasurement(
        String name,
        long rows,
        int policies,
        double seconds,
        double cpuSeconds,
        long peakHeapBytes,
        long peakMemoryBytes) {
    static JudgeMeasurement of(String name, long rows, int policies, ManyMeasurement.Command took) {
        return new JudgeMeasurement(
                name, rows, policies, took.seconds(), took.cpuSeconds(), took.peakHeapBytes(), took.peakMemoryBytes());
    }
}
