package io.hindcast.source;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of a log as it was found, before it is checked: numbers that are missing are NaN.
 *
 * @param episode what the episode-id column says, null if there is none
 * @param step what the step column says, null if there is none
 * @param time what the time column says, null if there is none
 * @param action null if the log has no such columns
 * @param actionIndex null if the log has no such column
 * @param nextObservation null if the log has no such columns
 * @param probability the logging policy's, null if the log has no such column
 * @param row its place in {@code file}, from 0
 * @param trajectory of a log that goes on after terminal rows, the row of {@code file} that began the logged trajectory; null
 *     of any other. It does not travel between tasks
 */
@SuppressWarnings("ArrayRecordComponent") // carried from reader to assembler, compared nowhere
public record LoggedRow(
        @Nullable String episode,
        @Nullable Double step,
        @Nullable Double time,
        float[] observation,
        float @Nullable [] action,
        @Nullable Double actionIndex,
        double reward,
        float @Nullable [] nextObservation,
        boolean terminated,
        boolean truncated,
        @Nullable Double probability,
        @Nullable Double logProbability,
        boolean @Nullable [] actionMask,
        @Nullable Double timeDelta,
        @Nullable String group,
        String file,
        long row,
        @Nullable Long trajectory)
        implements Serializable {

    /** A row of a log whose episodes are trajectories of their own. */
    public LoggedRow(
            @Nullable String episode,
            @Nullable Double step,
            @Nullable Double time,
            float[] observation,
            float @Nullable [] action,
            @Nullable Double actionIndex,
            double reward,
            float @Nullable [] nextObservation,
            boolean terminated,
            boolean truncated,
            @Nullable Double probability,
            @Nullable Double logProbability,
            boolean @Nullable [] actionMask,
            @Nullable Double timeDelta,
            @Nullable String group,
            String file,
            long row) {
        this(
                episode,
                step,
                time,
                observation,
                action,
                actionIndex,
                reward,
                nextObservation,
                terminated,
                truncated,
                probability,
                logProbability,
                actionMask,
                timeDelta,
                group,
                file,
                row,
                null);
    }

    /** Its place among the rows of its episode: step or time, 0 where rows stand in order. */
    public double order() {
        return step != null ? step : time != null ? time : 0;
    }

    /** Whether the other row says the same, wherever it stands. */
    boolean repeats(LoggedRow other) {
        return Objects.equals(episode, other.episode)
                && Objects.equals(step, other.step)
                && Objects.equals(time, other.time)
                && Arrays.equals(observation, other.observation)
                && Arrays.equals(action, other.action)
                && Objects.equals(actionIndex, other.actionIndex)
                && Double.compare(reward, other.reward) == 0
                && Arrays.equals(nextObservation, other.nextObservation)
                && terminated == other.terminated
                && truncated == other.truncated
                && Objects.equals(probability, other.probability)
                && Objects.equals(logProbability, other.logProbability)
                && Arrays.equals(actionMask, other.actionMask)
                && Objects.equals(timeDelta, other.timeDelta)
                && Objects.equals(group, other.group);
    }
}
