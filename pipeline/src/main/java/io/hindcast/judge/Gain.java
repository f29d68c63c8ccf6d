package io.hindcast.judge;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How much more a policy earns than another one, by the same episodes: of two that mostly do the same it is known far better than
 * either value.
 *
 * @param over the name of the other policy
 * @param value in units of return; NaN where it is not known
 * @param standardError of it; NaN likewise
 * @param skewness of its error; NaN likewise
 */
public record Gain(String over, double value, double standardError, double skewness) implements Serializable {
    /** None is known. */
    public static Gain none(String over) {
        return new Gain(over, Double.NaN, Double.NaN, Double.NaN);
    }

    /**
     * A mean of differences, one an episode, whose error is that of {@link Comparison}.
     *
     * @param differences in units of return; at least two, or the error is not known
     */
    public static Gain ofMean(String over, double[] differences) {
        var mean = Arrays.stream(differences).average().orElse(Double.NaN);
        if (differences.length < 2) {
            return new Gain(over, mean, Double.NaN, Double.NaN);
        }
        var spread = new Spread();
        for (var difference : differences) {
            spread.add(difference - mean);
        }
        return new Gain(over, mean, Math.sqrt(spread.sumOfSquares()) / differences.length, spread.skewness());
    }

    /** The difference of two that are of other episodes: their errors have nothing in common. */
    public Gain minus(Gain other) {
        var error = Math.hypot(standardError, other.standardError);
        // Third moments of independent errors add up.
        var third = skewness * Math.pow(standardError, 3) - other.skewness * Math.pow(other.standardError, 3);
        return new Gain(over, value - other.value, error, error == 0 ? 0 : third / Math.pow(error, 3));
    }

    /**
     * What it lies below with chance {@code alpha}, as {@link Estimate#lowerBound} says of a value; NaN if it is not known.
     *
     * @param episodes that it is of, at least 2
     * @param alpha above 0 and below a half
     */
    public double lowerBound(long episodes, double alpha) {
        return value - Quantiles.skewed(Quantiles.student(episodes - 1, 1 - 2 * alpha), skewness) * standardError;
    }
}
