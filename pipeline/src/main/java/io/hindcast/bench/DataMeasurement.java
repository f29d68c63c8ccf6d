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
 * @param peakHeapBytes the greatest use of each memory pool of the Java heap meanwhile, added up; 0 for another program
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DataMeasurement(String name, long rows, double seconds, double rowsPerSecond, long peakHeapBytes) {
    /** One that took {@code seconds}. */
    public DataMeasurement(String name, long rows, double seconds, long peakHeapBytes) {
        this(name, rows, seconds, rows / seconds, peakHeapBytes);
    }
}
