package io.hindcast.score;

import io.hindcast.judge.Estimate.Interval;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Intervals of figures over tasks: percentiles of the figure of replicates, each of which draws the runs of every task anew (Agarwal et
 * al. 2021). They tell how other seeds in the same tasks would fare, not how other tasks would. Of few runs they are too short: of
 * 3 runs in each of 5 tasks those that say 95 % hold in 85 %, of 10 in 92 % ({@code StratifiedBootstrapTest}).
 *
 * @param seed the replicates follow from it
 * @param replicates how many, at least one
 */
public record StratifiedBootstrap(long seed, int replicates) {
    /** The confidence of every interval. */
    public static final double CONFIDENCE = Aggregate.CONFIDENCE;

    /** What is drawn of a result, once for all that is asked of it: 8 bytes a run and replicate. */
    public Replicates of(TaskScores scores) {
        return new Replicates(this, scores);
    }

    /** As {@link Replicates#interval} of {@code scores}. */
    public Interval interval(TaskScores scores, ToDoubleFunction<TaskScores> figure) {
        return of(scores).interval(figure);
    }

    /** As {@link Replicates#improvementOver}. */
    public Interval improvement(TaskScores ours, TaskScores theirs) {
        return of(ours).improvementOver(of(theirs));
    }

    /** As {@link Replicates#profile} of {@code scores}. */
    public List<Share> profile(TaskScores scores, List<Double> thresholds) {
        return of(scores).profile(thresholds);
    }

    /**
     * A point of a performance profile.
     *
     * @param share of runs that score more than {@code threshold}, 0 to 1
     * @param band where it lies; NaN where a task has too few runs
     */
    public record Share(double threshold, double share, Interval band) {}
}
