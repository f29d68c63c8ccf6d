package io.hindcast.data;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One logged step of an agent.
 *
 * @param episodeId the episode it belongs to, unique in a dataset
 * @param step its place in the episode, from 0
 * @param observation what was seen before the action, {@code [observation size]}
 * @param action what was done
 * @param reward what it earned
 * @param nextObservation what was seen after it, {@code [observation size]}
 * @param terminated the task ended here by itself: nothing follows, the bootstrap stops
 * @param truncated the log or a time limit cut the episode here: the bootstrap stays
 * @param behaviourLogProb natural logarithm of the probability (or density) with which the logging policy chose the action
 * @param actionMask which of the discrete actions were possible, {@code [count]}
 * @param timeDelta time until the next observation in the log's own unit
 * @param group what the episode is grouped by in curation
 * @param sourceFile the file it was read from, or the environment it was collected in
 * @param sourceRow its row in that file, from 0
 * @param kept what further columns of the log say, as a JSON object of texts
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between reader and table, compared field by field in tests
public record Transition(
        String episodeId,
        long step,
        float[] observation,
        Action action,
        double reward,
        float[] nextObservation,
        boolean terminated,
        boolean truncated,
        @Nullable Double behaviourLogProb,
        boolean @Nullable [] actionMask,
        @Nullable Double timeDelta,
        @Nullable String group,
        String sourceFile,
        long sourceRow,
        @Nullable String kept)
        implements Serializable {
    /** A step of which nothing further is kept. */
    public Transition(
            String episodeId,
            long step,
            float[] observation,
            Action action,
            double reward,
            float[] nextObservation,
            boolean terminated,
            boolean truncated,
            @Nullable Double behaviourLogProb,
            boolean @Nullable [] actionMask,
            @Nullable Double timeDelta,
            @Nullable String group,
            String sourceFile,
            long sourceRow) {
        this(
                episodeId,
                step,
                observation,
                action,
                reward,
                nextObservation,
                terminated,
                truncated,
                behaviourLogProb,
                actionMask,
                timeDelta,
                group,
                sourceFile,
                sourceRow,
                null);
    }

    /** How an episode ends, in the word of the table {@code episodes}: terminated, truncated, or open. */
    public static String ending(List<Transition> steps) {
        var last = steps.get(steps.size() - 1);
        return last.terminated() ? "terminated" : last.truncated() ? "truncated" : "open";
    }
}
