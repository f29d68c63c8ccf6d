package io.hindcast.timeline;

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
 * @param fine what {@code step} or {@code time} alone do not tell of the row's place, null if nothing
 * @param unknown the {@link Flag}s that the log has and the row does not tell of, a bit each
 * @param kept what further columns say, as a JSON object of texts; null if nothing
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
        @Nullable Long trajectory,
        @Nullable Fine fine,
        int unknown,
        @Nullable String kept)
        implements Serializable {

    /**
     * The rest of a row's place.
     *
     * @param rest what the double of step or time leaves out of a number with more digits
     * @param tie what orders rows of one time, 0 if the log has no such column
     * @param tieRest what that double leaves out
     */
    public record Fine(double rest, double tie, double tieRest) implements Serializable {
        static final Fine NONE = new Fine(0, 0, 0);

        /** Null for {@link #NONE}. */
        public static @Nullable Fine of(double rest, double tie, double tieRest) {
            return rest == 0 && tie == 0 && tieRest == 0 ? null : new Fine(rest, tie, tieRest);
        }
    }

    /**
     * A row of a log whose episodes are trajectories of their own, whose place is told by its step or time, which tells of all flags
     * that the log has, and of no further columns.
     */
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
                null,
                null,
                0,
                null);
    }

    /** Its place among the rows of its episode: step or time, 0 where rows stand in order. */
    public double order() {
        return step != null ? step : time != null ? time : 0;
    }

    /** The rest of its place. */
    public Fine exact() {
        return fine == null ? Fine.NONE : fine;
    }

    /** By how much its step or time is above that of a row before it, without the rounding of large numbers. */
    public double since(LoggedRow before) {
        var difference = order() - before.order();
        return fine == null && before.fine == null ? difference : difference + (exact().rest - before.exact().rest);
    }

    /** Whether it has the same place in its episode as the other, as far as the log tells of places. */
    boolean isBeside(LoggedRow other) {
        return Objects.equals(step, other.step)
                && Objects.equals(time, other.time)
                && Objects.equals(fine, other.fine)
                && (step != null || time != null);
    }

    /** Whether the log has the flag and the row does not tell of it. */
    public boolean isUnknown(Flag flag) {
        return (unknown & flag.bit()) != 0;
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
                && Objects.equals(fine, other.fine)
                && unknown == other.unknown
                && Objects.equals(group, other.group)
                && Objects.equals(kept, other.kept);
    }

    /** The same with another number. */
    public LoggedRow numbered(long number) {
        return new LoggedRow(
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
                number,
                trajectory,
                fine,
                unknown,
                kept);
    }
}
