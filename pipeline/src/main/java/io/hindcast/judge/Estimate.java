package io.hindcast.judge;

import java.io.Serializable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an estimator says; a figure that the episodes cannot give is NaN.
 *
 * @param name the estimator's
 * @param episodes how many took part
 * @param value the value of the policy, in units of return
 * @param standardError of the value, by influence functions (the delta method)
 * @param skewness of the value's distribution, by the same; 0 for as many episodes above as below
 * @param interval around the value, of Student's t corrected for the skewness; for the direct method without the model's error
 * @param bootstrap the percentiles of the replicates; NaN without replicates
 * @param objection why the value and its intervals cannot be trusted, in words; null if they may
 */
public record Estimate(
        String name,
        long episodes,
        double value,
        double standardError,
        double skewness,
        Interval interval,
        Interval bootstrap,
        @Nullable String objection)
        implements Serializable {
    /**
     * Beyond it an estimate rests on what is so rare that a log may lack it, and then nothing in the log tells: of logs whose clicks are
     * rare and whose weights large, with a skewness of about 0.45, intervals of 95 % held in 82 %, corrected as they are
     * ({@code CoverageTest}).
     */
    public static final double LARGEST_SKEWNESS = 0.2;

    /** A closed interval; NaN where there is none. */
    public record Interval(double low, double high) implements Serializable {
        /** None. */
        public static final Interval NONE = new Interval(Double.NaN, Double.NaN);

        /**
         * Student's t around a mean.
         *
         * @param standardError of the mean
         * @param degrees of freedom, at least 1
         * @param confidence 0 to 1
         */
        public static Interval student(double mean, double standardError, long degrees, double confidence) {
            var half = Quantiles.student(degrees, confidence) * standardError;
            return new Interval(mean - half, mean + half);
        }

        /**
         * The same around a mean that is skewed: it reaches farther to the side where few values lie far away.
         *
         * @param skewness of the mean, not of its values; 0 gives Student's t to the last digit
         */
        static Interval skewed(double mean, double standardError, double skewness, long degrees, double confidence) {
            var t = Quantiles.student(degrees, confidence);
            return new Interval(
                    mean - Quantiles.skewed(t, skewness) * standardError,
                    mean - Quantiles.skewed(-t, skewness) * standardError);
        }

        /** Whether {@code value} lies in it. */
        public boolean contains(double value) {
            return low <= value && value <= high;
        }
    }

    /** One with the interval around its value. */
    static Estimate of(
            String name,
            long episodes,
            double value,
            double standardError,
            double skewness,
            double confidence,
            Interval bootstrap) {
        if (episodes < 2) {
            var objection = "an error needs two episodes, and there " + (episodes == 1 ? "is one" : "are none");
            return new Estimate(name, episodes, value, Double.NaN, Double.NaN, Interval.NONE, Interval.NONE, objection);
        }
        var interval = Interval.skewed(value, standardError, skewness, episodes - 1, confidence);
        return new Estimate(
                name,
                episodes,
                value,
                standardError,
                skewness,
                interval,
                bootstrap,
                objection(value, standardError, skewness));
    }

    private static @Nullable String objection(double value, double standardError, double skewness) {
        if (!Double.isFinite(value) || !Double.isFinite(standardError) || !Double.isFinite(skewness)) {
            return "its value or error is beyond all numbers";
        }
        return Math.abs(skewness) > LARGEST_SKEWNESS
                ? String.format(
                        Locale.ROOT,
                        "a few episodes decide it: its skewness is %.2f, and intervals hold up to %.1f",
                        skewness,
                        LARGEST_SKEWNESS)
                : null;
    }

    /** What the policy's value lies below with chance {@code alpha}, below a half, as the interval does; NaN without an error. */
    public double lowerBound(double alpha) {
        return episodes < 2
                ? Double.NaN
                : value - Quantiles.skewed(Quantiles.student(episodes - 1, 1 - 2 * alpha), skewness) * standardError;
    }

    /** Half the interval of Student's t as it is without the correction; NaN without an error. */
    double half(double confidence) {
        return episodes < 2 ? Double.NaN : Quantiles.student(episodes - 1, confidence) * standardError;
    }

    /** The same without intervals: of the value alone. */
    public Estimate withoutIntervals() {
        return new Estimate(name, episodes, value, standardError, skewness, Interval.NONE, Interval.NONE, objection);
    }

    /** The same, not to be trusted for this reason if there is one. */
    Estimate unless(@Nullable String reason) {
        return reason == null
                ? this
                : new Estimate(name, episodes, value, standardError, skewness, interval, bootstrap, reason);
    }
}
