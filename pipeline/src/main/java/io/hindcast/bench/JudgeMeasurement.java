package io.hindcast.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
 * @param beside how it compares with what did the same before it; null: with nothing
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record JudgeMeasurement(
        String name,
        long rows,
        int policies,
        double seconds,
        double cpuSeconds,
        long peakHeapBytes,
        long peakMemoryBytes,
        @Nullable Beside beside) {
    /**
     * Quotients of two measurements of the same run.
     *
     * @param name of the other one
     * @param rate how many times as many rows a second it does, for each policy, by the clock
     * @param cpuRate the same in a second of the CPU
     * @param memory how many times as much memory it had at most; 0: the system does not tell
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Beside(String name, double rate, double cpuRate, double memory) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.2f times the rate of %s, %.2f times by the CPU, %.2f times the memory",
                    rate,
                    name,
                    cpuRate,
                    memory);
        }
    }

    static JudgeMeasurement of(String name, long rows, int policies, ManyMeasurement.Command took) {
        return new JudgeMeasurement(
                name,
                rows,
                policies,
                took.seconds(),
                took.cpuSeconds(),
                took.peakHeapBytes(),
                took.peakMemoryBytes(),
                null);
    }

    /** The same, compared with another one of as many rows. */
    JudgeMeasurement beside(JudgeMeasurement other) {
        return with(new Beside(
                other.name,
                policies * other.seconds / seconds,
                policies * other.cpuSeconds / cpuSeconds,
                other.peakMemoryBytes == 0 ? 0 : (double) peakMemoryBytes / other.peakMemoryBytes));
    }

    /**
     * The same, compared with another one of as many rows, without what each takes to start; with nothing where that is all.
     *
     * @param start of this one, measured with hardly any rows
     * @param otherStart of the other one
     */
    JudgeMeasurement beside(JudgeMeasurement start, JudgeMeasurement other, JudgeMeasurement otherStart) {
        var took = less(start);
        var otherTook = other.less(otherStart);
        var isStart = Stream.of(took, otherTook).anyMatch(left -> left.seconds <= 0 || left.cpuSeconds <= 0);
        return isStart ? this : with(took.beside(otherTook).beside);
    }

    private JudgeMeasurement less(JudgeMeasurement start) {
        return new JudgeMeasurement(
                name,
                rows,
                policies,
                seconds - start.seconds,
                cpuSeconds - start.cpuSeconds,
                peakHeapBytes,
                peakMemoryBytes,
                null);
    }

    private JudgeMeasurement with(@Nullable Beside beside) {
        return new JudgeMeasurement(name, rows, policies, seconds, cpuSeconds, peakHeapBytes, peakMemoryBytes, beside);
    }
}
