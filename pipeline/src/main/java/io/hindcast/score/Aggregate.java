package io.hindcast.score;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * What the scores of several seeds say together. A figure that the scores cannot give is NaN: everything without scores, the
 * standard deviation of one.
 *
 * @param count how many scores
 * @param mean their mean
 * @param standardDeviation their sample standard deviation (divided by count - 1)
 * @param interquartileMean their mean without the lowest and the highest quarter
 * @param interval where the mean lies with a confidence of {@link #CONFIDENCE}
 */
public record Aggregate(int count, double mean, double standardDeviation, double interquartileMean, Interval interval) {
    /** The confidence of {@link #interval}. */
    public static final double CONFIDENCE = 0.95;

    private static final int RESAMPLES = 2_000;

    /** A closed interval; both ends are NaN if there is none. */
    public record Interval(double low, double high) {}

    /**
     * All figures of {@code scores}.
     *
     * @param scores finite, one a seed
     * @param random where the bootstrap's chance comes from
     */
    public static Aggregate of(double[] scores, RandomGenerator random) {
        return new Aggregate(
                scores.length,
                StatUtils.mean(scores),
                standardDeviation(scores),
                interquartileMean(scores),
                bootstrap(scores, StatUtils::mean, CONFIDENCE, RESAMPLES, random));
    }

    /** The sample standard deviation (divided by count - 1); NaN below two scores, which have none. */
    public static double standardDeviation(double... scores) {
        return scores.length < 2 ? Double.NaN : Math.sqrt(StatUtils.variance(scores));
    }

    /**
     * The mean after the lowest and the highest {@code count / 4} scores (rounded down) are left out: below four scores the
     * plain mean. NaN without scores.
     */
    public static double interquartileMean(double... scores) {
        var sorted = scores.clone();
        Arrays.sort(sorted);
        var cut = sorted.length / 4;
        return StatUtils.mean(sorted, cut, sorted.length - 2 * cut);
    }

    /**
     * The percentile bootstrap: {@code statistic} of {@code resamples} samples drawn from {@code scores} with replacement,
     * between the quantiles that leave {@code (1 - confidence) / 2} on either side.
     *
     * @param confidence in (0, 1)
     * @param resamples at least 1
     */
    public static Interval bootstrap(
            double[] scores,
            ToDoubleFunction<double[]> statistic,
            double confidence,
            int resamples,
            RandomGenerator random) {
        if (scores.length == 0) {
            return new Interval(Double.NaN, Double.NaN);
        }
        var statistics = new double[resamples];
        var sample = new double[scores.length];
        for (var i = 0; i < resamples; i++) {
            for (var j = 0; j < sample.length; j++) {
                sample[j] = scores[random.nextInt(scores.length)];
            }
            statistics[i] = statistic.applyAsDouble(sample);
        }
        var tail = 100 * (1 - confidence) / 2;
        var percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
        percentile.setData(statistics);
        return new Interval(percentile.evaluate(tail), percentile.evaluate(100 - tail));
    }
}
