package io.hindcast.score;

import io.hindcast.judge.Estimate.Interval;
import io.hindcast.run.Seeds;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

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

    /** The purpose of draws. */
    private static final String OURS = "stratified bootstrap";

    private static final String THEIRS = "stratified bootstrap of the other";

    /** Where a figure lies; NaN where a task has fewer than {@link Aggregate#LEAST_SEEDS} runs, or all replicates are alike. */
    public Interval interval(TaskScores scores, ToDoubleFunction<TaskScores> figure) {
        return scores.leastRuns() < Aggregate.LEAST_SEEDS
                ? Interval.NONE
                : unlessAlike(
                        percentiles(replicates(scores, OURS).mapToDouble(figure).toArray()));
    }

    /** Where the probability of improvement of {@code ours} over {@code theirs} lies; NaN likewise. */
    public Interval improvement(TaskScores ours, TaskScores theirs) {
        if (Math.min(ours.leastRuns(), theirs.leastRuns()) < Aggregate.LEAST_SEEDS) {
            return Interval.NONE;
        }
        return unlessAlike(percentiles(IntStream.range(0, replicates)
                .mapToDouble(i -> resampled(ours, OURS, i).improvementOver(resampled(theirs, THEIRS, i)))
                .toArray()));
    }

    /**
     * The performance profile: which share of runs scores more than each threshold, as the mean over tasks.
     *
     * @param thresholds in the order of the answer
     */
    public List<Share> profile(TaskScores scores, List<Double> thresholds) {
        var drawn = scores.leastRuns() < Aggregate.LEAST_SEEDS
                ? List.<TaskScores>of()
                : replicates(scores, OURS).toList();
        return thresholds.stream()
                .map(threshold -> {
                    var share = scores.shareAbove(threshold);
                    if (drawn.isEmpty()) {
                        return new Share(threshold, share, Interval.NONE);
                    }
                    var shares = drawn.stream()
                            .mapToDouble(replicate -> replicate.shareAbove(threshold))
                            .toArray();
                    return new Share(threshold, share, percentiles(shares));
                })
                .toList();
    }

    /**
     * A point of a performance profile.
     *
     * @param share of runs that score more than {@code threshold}, 0 to 1
     * @param band where it lies; NaN where a task has too few runs
     */
    public record Share(double threshold, double share, Interval band) {}

    private Stream<TaskScores> replicates(TaskScores scores, String purpose) {
        return IntStream.range(0, replicates).mapToObj(i -> resampled(scores, purpose, i));
    }

    private TaskScores resampled(TaskScores scores, String purpose, int replicate) {
        return scores.resampled(new Seeds(seed).generator(purpose, replicate));
    }

    /** With values between two ranks on the line between them, as NumPy has them. */
    private static Interval percentiles(double[] values) {
        var percentile = new Percentile().withEstimationType(EstimationType.R_7);
        percentile.setData(values);
        return new Interval(
                percentile.evaluate(100 * (1 - CONFIDENCE) / 2), percentile.evaluate(100 * (1 + CONFIDENCE) / 2));
    }

    /** Where all are alike nothing shows how much others may differ. */
    private static Interval unlessAlike(Interval interval) {
        return interval.low() < interval.high() ? interval : Interval.NONE;
    }
}
