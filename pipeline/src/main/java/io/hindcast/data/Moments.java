package io.hindcast.data;

import java.io.Serializable;

/**
 * Count, mean, variance and range of a stream of numbers, as a state that merges: commutative, associative, with
 * {@link #EMPTY} as its neutral element, so that it does not matter where the rows are cut. Mean and sum of squares are
 * combined as in Chan, Golub and LeVeque (1983), equations 2.1.
 *
 * @param count how many numbers
 * @param mean their mean, 0 if there are none
 * @param squares the sum of squared deviations from the mean
 * @param min the least, {@code +inf} if there are none
 * @param max the greatest, {@code -inf} if there are none
 */
public record Moments(long count, double mean, double squares, double min, double max) implements Serializable {
    /** The state of no numbers. */
    public static final Moments EMPTY = new Moments(0, 0, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /** The state of one number. */
    public static Moments of(double value) {
        return new Moments(1, value, 0, value, value);
    }

    /** The state with one more number. */
    public Moments plus(double value) {
        var n = count + 1;
        var delta = value - mean;
        var newMean = mean + delta / n;
        return new Moments(n, newMean, squares + delta * (value - newMean), Math.min(min, value), Math.max(max, value));
    }

    /** The state of both streams together. */
    public Moments merge(Moments other) {
        if (count == 0) {
            return other;
        }
        if (other.count == 0) {
            return this;
        }
        var n = count + other.count;
        var delta = other.mean - mean;
        return new Moments(
                n,
                mean + delta * other.count / n,
                squares + other.squares + delta * delta * ((double) count * other.count / n),
                Math.min(min, other.min),
                Math.max(max, other.max));
    }

    /** Standard deviation of the numbers themselves (divided by their count); 0 if there are none. */
    public double standardDeviation() {
        return count == 0 ? 0 : Math.sqrt(squares / count);
    }
}
