package io.hindcast.judge;

import java.io.Serializable;

/** A summary of the weights of all episodes, as sums. */
final class WeightSums implements Serializable {
    private final Sums living = new Sums(0);
    private final Sums ended = new Sums(0);
    private final Sums livingSquares = new Sums(0);
    private final Sums endedSquares = new Sums(0);
    private final Sums last = new Sums(2);
    private Scaled largest = Scaled.ZERO;
    private long episodes;

    void add(Episode episode) {
        var weights = episode.weights();
        var length = weights.length();
        grow(length);
        for (var t = 0; t < length; t++) {
            var weight = weights.mantissa(t);
            living.add(t, weight, weights.exponent(t));
            livingSquares.add(t, weight * weight, 2 * weights.exponent(t));
        }
        var end = weights.last();
        ended.add(length - 1, end);
        endedSquares.add(length - 1, end.times(end));
        last.add(0, end);
        last.add(1, end.times(end));
        largest = larger(largest, end);
        episodes++;
    }

    void merge(WeightSums other) {
        grow(other.living.size());
        living.merge(other.living);
        ended.merge(other.ended);
        livingSquares.merge(other.livingSquares);
        endedSquares.merge(other.endedSquares);
        last.merge(other.last);
        largest = larger(largest, other.largest);
        episodes += other.episodes;
    }

    private void grow(int length) {
        living.grow(length);
        ended.grow(length);
        livingSquares.grow(length);
        endedSquares.grow(length);
    }

    private static Scaled larger(Scaled a, Scaled b) {
        if (a.x() == 0 || b.x() == 0) {
            return a.x() == 0 ? b : a;
        }
        var isLess = a.exponent() == b.exponent() ? a.x() < b.x() : a.exponent() < b.exponent();
        return isLess ? b : a;
    }

    WeightSummary summary() {
        var sums = RatioSums.denominators(living, ended);
        var squares = RatioSums.denominators(livingSquares, endedSquares);
        var means = new double[sums.length];
        var errors = new double[sums.length];
        for (var t = 0; t < sums.length; t++) {
            means[t] = sums[t].toDouble() / episodes;
            var variance = squares[t].toDouble() / episodes - means[t] * means[t];
            errors[t] = Math.sqrt(Math.max(0, variance) / (episodes - 1));
        }
        var sum = last.of(0);
        return new WeightSummary(
                episodes,
                sum.times(sum).over(last.of(1)).toDouble(),
                largest.over(sum).toDouble(),
                means,
                errors);
    }
}
