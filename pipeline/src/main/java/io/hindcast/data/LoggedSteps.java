package io.hindcast.data;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some logged steps, for those who ask what other policies make of them. They stand in the order of their log: an episode's steps
 * follow each other, and may begin in the steps before these or go on in those after. What is not known is NaN.
 *
 * @param batch what was seen and done, a row each
 * @param episodes ids of episodes, {@code [rows]}
 * @param steps places in the episodes, from 0, {@code [rows]}
 * @param rewards as logged, {@code [rows]}
 * @param logProbabilities natural logarithms of how likely (or dense) the actions were under what chose them, {@code [rows]}
 * @param durations until the next step, {@code [rows]}
 * @param terminated whether the task ended with it, {@code [rows]}
 * @param groups the values of columns that episodes are grouped by, {@code [rows]}
 * @param kept the texts of further columns of the log, by name, {@code [rows]} each; null where one has none
 * @param within bit k is set where the episode is in the k-th set of episodes that the reader was asked for, {@code [rows]}
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record LoggedSteps(
        Batch batch,
        String[] episodes,
        long[] steps,
        double[] rewards,
        double[] logProbabilities,
        double[] durations,
        boolean[] terminated,
        List<List<String>> groups,
        Map<String, @Nullable String[]> kept,
        long[] within) {
    /** How many there are. */
    public int rows() {
        return batch.size();
    }
}
