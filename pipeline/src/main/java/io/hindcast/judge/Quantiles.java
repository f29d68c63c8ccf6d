package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.util.Arrays;
import org.apache.commons.math3.distribution.FDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/** Quantiles that intervals are made of. */
final class Quantiles {
    private Quantiles() {}

    /** How many standard errors lie on either side of a value with this confidence. */
    static double student(long degrees, double confidence) {
        return new TDistribution(null, degrees).inverseCumulativeProbability((1 + confidence) / 2);
    }

    /**
     * What the error of a skewed mean, divided by what it is estimated to be, lies below as often as {@code z} is not exceeded where
     * there is no skewness. For the skewness s of the mean (that of its n values over sqrt(n)) the error over its estimate, T, has the
     * distribution P(T <= x) = Phi(x) + s (2 x^2 + 1) phi(x) / 6 to the second order, and
     *
     * <pre>
     * g(T) = T + a T^2 + a^2 T^3 / 3 + s / 6      a = s / 3
     * </pre>
     *
     * which never falls, has none left. This is its inverse, [cbrt(1 + 3 a (z - s / 6)) - 1] / a; {@code z} itself where s is 0.
     *
     * <p>Hall (1992), "On the removal of skewness by transformation", Journal of the Royal Statistical Society B 54.
     */
    static double skewed(double z, double skewness) {
        var shifted = z - skewness / 6;
        var root = Math.cbrt(1 + skewness * shifted);
        // c - 1 = (c^3 - 1) / (c^2 + c + 1) leaves no quotient of two zeros.
        return shifted / ((root * root + root + 1) / 3);
    }

    /** What a standard normal number exceeds, up or down, with chance {@code alpha}. */
    static double normal(double alpha) {
        return -new NormalDistribution(null, 0, 1).inverseCumulativeProbability(alpha / 2);
    }

    /** What a number of the distribution F(1, degrees) exceeds with chance {@code alpha}. */
    static double upperF(long degrees, double alpha) {
        return new FDistribution(null, 1, degrees).inverseCumulativeProbability(1 - alpha);
    }

    /**
     * Between which values a further one lies with this confidence; NaN are left out. So few replicates as there are do not make the
     * interval narrower: the k-th of R is exceeded with chance k / (R + 1).
     */
    static Interval middle(double[] values, double confidence) {
        var defined =
                Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
        if (defined.length == 0) {
            return Interval.NONE;
        }
        var percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_6);
        percentile.setData(defined);
        var tail = 50 * (1 - confidence);
        return new Interval(percentile.evaluate(tail), percentile.evaluate(100 - tail));
    }
}
