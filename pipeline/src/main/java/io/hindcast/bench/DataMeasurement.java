package io.hindcast.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How long one way of handling rows took: a line of {@code bench-data.jsonl}, whose keys are these names in snake case.
 *
 * @param name what was done
 * @param rows how many rows it was done to
 * @param seconds how long it took
 * @param rowsPerSecond the two divided
 * @param cpuSeconds of the processor that the process used meanwhile
 * @param peakHeapBytes the greatest use of each memory pool of the Java heap meanwhile, added up; 0 for another program
 * @param peakMemoryBytes the most memory that the process had until then, code and native memory too; 0: the system does not tell
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DataMeasurement(
        String name,
        long rows,
        double seconds,
        double rowsPerSecond,
        double cpuSeconds,
        long peakHeapBytes,
        long peakMemoryBytes) {
    /** What was done to so many rows. */
    static DataMeasurement of(String name, long rows, ManyMeasurement.Command took) {
        return new DataMeasurement(
                name,
                rows,
                took.seconds(),
                rows / took.seconds(),
                took.cpuSeconds(),
                took.peakHeapBytes(),
                took.peakMemoryBytes());
    }
}
