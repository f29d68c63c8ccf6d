package io.hindcast.score;

import io.hindcast.judge.Estimate.Interval;
import io.hindcast.run.Seeds;
import io.hindcast.score.StratifiedBootstrap.Share;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;
import org.jspecify.annotations.Nullable;

/** The replicates of one result by {@link StratifiedBootstrap}, drawn when first asked for. One instance is used by one thread. */
public final class Replicates {
    /** The purpose of draws. */
    private static final String OURS = "stratified bootstrap";

    private static final String THEIRS = "stratified bootstrap of the other";

    private final StratifiedBootstrap bootstrap;
    private final TaskScores scores;
    private @Nullable List<TaskScores> ours;
    private @Nullable List<TaskScores> theirs;

    Replicates(StratifiedBootstrap bootstrap, TaskScores scores) {
        this.bootstrap = bootstrap;
        this.scores = scores;
    }

    /** Where a figure lies; NaN where a task has fewer than {@link Aggregate#LEAST_SEEDS} runs, or all replicates are alike. */
    public Interval interval(ToDoubleFunction<TaskScores> figure) {
        return areTooFew()
                ? Interval.NONE
                : unlessAlike(percentiles(ours().stream().mapToDouble(figure).toArray()));
    }

    /** Where the probability of improvement over another result lies, which is drawn by itself; NaN likewise. */
    public Interval improvementOver(Replicates other) {
        if (areTooFew() || other.areTooFew()) {
            return Interval.NONE;
        }
        var mine = ours();
        var others = other.theirs();
        var probabilities = new double[mine.size()];
        for (var i = 0; i < probabilities.length; i++) {
            probabilities[i] = mine.get(i).improvementOver(others.get(i));
        }
        return unlessAlike(percentiles(probabilities));
    }

    /**
     * The performance profile: which share of runs scores more than each threshold, as the mean over tasks.
     *
     * @param thresholds in the order of the answer
     */
    public List<Share> profile(List<Double> thresholds) {
        // Between two neighbouring scores every threshold divides the runs alike, and so those of every replicate.
        var bands = new HashMap<Long, Interval>();
        var profile = new ArrayList<Share>();
        for (var threshold : thresholds) {
            var above = scores.all().filter(score -> score > threshold).count();
            profile.add(new Share(
                    threshold, scores.shareAbove(threshold), bands.computeIfAbsent(above, any -> band(threshold))));
        }
        return profile;
    }

    private Interval band(double threshold) {
        return areTooFew()
                ? Interval.NONE
                : percentiles(ours().stream()
                        .mapToDouble(replicate -> replicate.shareAbove(threshold))
                        .toArray());
    }

    private boolean areTooFew() {
        return scores.leastRuns() < Aggregate.LEAST_SEEDS;
    }

    private List<TaskScores> ours() {
        if (ours == null) {
            ours = drawn(OURS);
        }
        return ours;
    }

    private List<TaskScores> theirs() {
        if (theirs == null) {
            theirs = drawn(THEIRS);
        }
        return theirs;
    }

    private List<TaskScores> drawn(String purpose) {
        var seeds = new Seeds(bootstrap.seed());
        var drawn = new ArrayList<TaskScores>(bootstrap.replicates());
        for (var i = 0; i < bootstrap.replicates(); i++) {
            drawn.add(scores.resampled(seeds.generator(purpose, i)));
        }
        return drawn;
    }

    /** With values between two ranks on the line between them, as NumPy has them. */
    private static Interval percentiles(double[] values) {
        var percentile = new Percentile().withEstimationType(EstimationType.R_7);
        percentile.setData(values);
        return new Interval(
                percentile.evaluate(100 * (1 - StratifiedBootstrap.CONFIDENCE) / 2),
                percentile.evaluate(100 * (1 + StratifiedBootstrap.CONFIDENCE) / 2));
    }

    /** Where all are alike nothing shows how much others may differ. */
    private static Interval unlessAlike(Interval interval) {
        return interval.low() < interval.high() ? interval : Interval.NONE;
    }
}
