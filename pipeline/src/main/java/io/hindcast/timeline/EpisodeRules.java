package io.hindcast.timeline;

import io.hindcast.data.ActionSpace;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How logged rows become episodes of transitions.
 *
 * @param onBreak what becomes of an episode with a hole in it
 * @param maxGap the longest time between two rows that follow each other; infinite where it does not matter
 * @param jump how far the state may move in a step, null if it may move anywhere
 * @param actionSpace what actions must be of
 * @param observationSize how long every observation must be
 * @param files the kind of files that the rows come from
 * @param scope where an episode's identifier counts; null: in all files, but where two of them meet without a step or a time to
 *     order them is a break
 * @param required the flags that every row must tell of
 */
public record EpisodeRules(
        EpisodePer episodePer,
        ActionConvention actionConvention,
        FinalRow finalRow,
        OutOfBounds outOfBounds,
        OnBreak onBreak,
        double maxGap,
        @Nullable Jump jump,
        ActionSpace actionSpace,
        int observationSize,
        FileKind files,
        @Nullable EpisodeScope scope,
        Set<Flag> required)
        implements Serializable {

    /** Nothing is said about where an episode's identifier counts, and no flag is required. */
    public EpisodeRules(
            EpisodePer episodePer,
            ActionConvention actionConvention,
            FinalRow finalRow,
            OutOfBounds outOfBounds,
            OnBreak onBreak,
            double maxGap,
            @Nullable Jump jump,
            ActionSpace actionSpace,
            int observationSize,
            FileKind files) {
        this(
                episodePer,
                actionConvention,
                finalRow,
                outOfBounds,
                onBreak,
                maxGap,
                jump,
                actionSpace,
                observationSize,
                files,
                null,
                Set.of());
    }

    /** Where an episode's identifier counts. */
    public enum EpisodeScope {
        /** In all files alike. */
        INPUT,
        /** In its own file only. */
        FILE
    }

    /** What makes up an episode. */
    public enum EpisodePer {
        /** Every row, a decision that nothing follows: it terminates. */
        ROW,
        /** Every file. */
        FILE,
        /** The rows of a file up to one with a flag (terminated, truncated or done). */
        DONE,
        /** The rows with one value in the episode-id column. */
        COLUMN,
        /** A row of the files that holds many steps; by now each of its steps bears its name. */
        ROW_OF_STEPS
    }

    /** What a log does after a row that terminates. */
    public enum AfterTerminal {
        /** Terminals are states; what follows such a row is the same logged trajectory, until a time limit cuts it. */
        GOES_ON,
        /** What follows is a new start. */
        RESETS
    }

    /** Which observation a row's action belongs to. */
    public enum ActionConvention {
        /** The action was taken at the row's own observation. */
        TAKEN_HERE,
        /** The action was taken at the row before and led here; the first row's action means nothing. */
        LED_HERE
    }

    /** What becomes of an episode's last row if nothing tells what was seen after its action and it is not terminated. */
    public enum FinalRow {
        /** It is left out. The transition before it becomes the last: truncated if the row was, else open. */
        DROP,
        /** It is kept and terminated: a statement about the log, that each of its episodes ended by itself. */
        TERMINATED,
        /**
         * It is no step but only what was seen last, whatever its action and reward say: its flags tell how the transition
         * before it ended.
         */
        OBSERVATION
    }

    /** What becomes of an episode in which a step is missing, the state jumps, or rows follow its end. */
    public enum OnBreak {
        /** It is quarantined. */
        QUARANTINE,
        /** It is cut there: what follows is an episode of its own. */
        SPLIT
    }

    /**
     * How far the state may move in one step.
     *
     * @param dimensions the entries of the observation that count
     * @param distance the greatest Euclidean distance
     */
    public record Jump(List<Integer> dimensions, double distance) implements Serializable {
        boolean between(float[] from, float[] to) {
            var sum = 0.0;
            for (var dimension : dimensions) {
                var difference = (double) to[dimension] - from[dimension];
                sum += difference * difference;
            }
            return sum > distance * distance;
        }
    }

    /** What becomes of a real action beyond its bounds. */
    public enum OutOfBounds {
        QUARANTINE,
        CLIP
    }
}
