package io.hindcast.score;

import io.hindcast.judge.Estimate.Interval;
import java.util.Arrays;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.correlation.Covariance;

/**
 * What the scores of several seeds say together. A figure that the scores cannot give is NaN: everything without scores, the
 * standard deviation of one.
 *
 * @param count how many scores
 * @param mean their mean
 * @param standardDeviation their sample standard deviation (divided by count - 1)
 * @param interquartileMean their mean without the lowest and the highest quarter; NaN below four scores, of which none is left out
 * @param interval where the mean over all seeds and all episodes lies, with a confidence of {@link #CONFIDENCE}; NaN below three
 *     seeds or two episodes that they share, and where all scored alike
 */
public record Aggregate(int count, double mean, double standardDeviation, double interquartileMean, Interval interval) {
    /** The confidence of {@link #interval}. */
    public static final double CONFIDENCE = 0.95;

    /** Fewer have no interval: of two scores it would be nine of their standard deviations to either side. */
    public static final int LEAST_SEEDS = 3;

    /** Fewer have no interquartile mean. */
    public static final int LEAST_FOR_QUARTERS = 4;

    /** Of scores that nothing more is known of, and so without an interval. */
    public static Aggregate of(double... scores) {
        return of(scores, new double[scores.length][0]);
    }

    /**
     * All figures of {@code scores}.
     *
     * @param scores finite, one a seed
     * @param episodes what each seed scored in the same episodes, {@code [seeds][episodes]}
     */
    public static Aggregate of(double[] scores, double[][] episodes) {
        return new Aggregate(
                scores.length,
                StatUtils.mean(scores),
                standardDeviation(scores),
                scores.length < LEAST_FOR_QUARTERS ? Double.NaN : interquartileMean(scores),
                interval(scores, episodes));
    }

    /** The same of scores that cannot be beyond these: neither is the interval. */
    public Aggregate within(double least, double most) {
        return new Aggregate(
                count,
                mean,
                standardDeviation,
                interquartileMean,
                new Interval(Math.max(least, interval.low()), Math.min(most, interval.high())));
    }

    /** The sample standard deviation (divided by count - 1); NaN below two scores, which have none. */
    public static double standardDeviation(double... scores) {
        return scores.length < 2 ? Double.NaN : Math.sqrt(StatUtils.variance(scores));
    }

    /** The mean after the lowest and the highest {@code count / 4} scores (rounded down) are left out. */
    static double interquartileMean(double[] scores) {
        var sorted = scores.clone();
        Arrays.sort(sorted);
        var cut = sorted.length / 4;
        return StatUtils.mean(sorted, cut, sorted.length - 2 * cut);
    }

    /**
     * Student's t of the scores, and of what all seeds share: they play the same episodes, and whether these are easy shows in every
     * score alike. That part of an episode's variance is the mean covariance of two seeds. The half widths of both add up as squares
     * (Zou and Donner 2008, "Construction of confidence limits about effect measures: a general approach").
     */
    private static Interval interval(double[] scores, double[][] episodes) {
        if (scores.length < LEAST_SEEDS || episodes[0].length < 2) {
            return Interval.NONE;
        }
        var count = episodes[0].length;
        var ofSeeds = Interval.student(
                0, standardDeviation(scores) / Math.sqrt(scores.length), scores.length - 1, CONFIDENCE);
        var ofEpisodes = Interval.student(0, Math.sqrt(Math.max(0, shared(episodes)) / count), count - 1, CONFIDENCE);
        var mean = StatUtils.mean(scores);
        var half = Math.hypot(ofSeeds.high(), ofEpisodes.high());
        // Where all are equal nothing shows how much others may differ.
        return half == 0 ? Interval.NONE : new Interval(mean - half, mean + half);
    }

    /** The mean covariance of two seeds over the episodes. */
    private static double shared(double[][] episodes) {
        var covariance = new Covariance();
        var sum = 0.0;
        for (var a = 1; a < episodes.length; a++) {
            for (var b = 0; b < a; b++) {
                sum += covariance.covariance(episodes[a], episodes[b]);
            }
        }
        return sum / (episodes.length * (episodes.length - 1) / 2.0);
    }
}
