package io.hindcast.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How long one training job took: a line of {@code bench-scaling.jsonl}, whose keys are these names in snake case.
 *
 * @param master where Spark ran
 * @param slots how many runs could go side by side
 * @param runs how many there were
 * @param updates of each
 * @param seconds of the job, without the start of Java and Spark
 * @param updateSeconds of all runs together, spent on updates alone
 * @param updatesPerSecond all updates, divided by the seconds of the job
 * @param runsPerHour runs, divided by the hours of the job
 * @param overheadSecondsPerRun what is left of {@code slots} times the job's seconds beside the updates, a run: loading,
 *     checkpoints, exports, Spark, and slots that had nothing to do
 * @param commandSeconds of the whole command, the start of Java and Spark with it
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ScalingMeasurement(
        String master,
        int slots,
        int runs,
        long updates,
        double seconds,
        double updateSeconds,
        double updatesPerSecond,
        double runsPerHour,
        double overheadSecondsPerRun,
        double commandSeconds) {

    /** One with what follows from the rest. */
    public static ScalingMeasurement of(
            String master,
            int slots,
            int runs,
            long updates,
            double seconds,
            double updateSeconds,
            double commandSeconds) {
        var used = Math.min(slots, runs);
        return new ScalingMeasurement(
                master,
                slots,
                runs,
                updates,
                seconds,
                updateSeconds,
                runs * updates / seconds,
                runs / (seconds / 3600),
                (used * seconds - updateSeconds) / runs,
                commandSeconds);
    }
}
