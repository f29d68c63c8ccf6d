package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.io.Serializable;
import java.util.Arrays;

/**
 * The error of differences between estimates from the same episodes: two policies mostly act alike, so their difference
 * varies far less than each estimate. With influences IF of {@link SecondPass#influence} the difference of a and b has
 * the error sqrt(sum_i (IF_i,a - IF_i,b)^2) / n. A state that merges: K x K sums.
 */
public final class Comparison implements Serializable {
    private final int estimates;
    /** Of squared differences, at a K + b. */
    private final Sums squares;

    private long episodes;

    /** The state of no episodes. */
    public Comparison(int estimates) {
        this.estimates = estimates;
        squares = new Sums(estimates * estimates);
    }

    /**
     * Adds an episode.
     *
     * @param influences on each estimate, {@code [estimates]}; one that is NaN leaves the episode out of all
     */
    public Comparison add(double[] influences) {
        if (Arrays.stream(influences).anyMatch(Double::isNaN)) {
            return this;
        }
        for (var a = 0; a < estimates; a++) {
            for (var b = a + 1; b < estimates; b++) {
                var difference = influences[a] - influences[b];
                squares.add(a * estimates + b, difference * difference, 0);
            }
        }
        episodes++;
        return this;
    }

    /** Adds what another state of as many estimates has seen. */
    public Comparison merge(Comparison other) {
        squares.merge(other.squares);
        episodes += other.episodes;
        return this;
    }

    /** The error of the difference of estimates {@code a} and {@code b}; NaN below two episodes. */
    public double standardError(int a, int b) {
        return episodes < 2
                ? Double.NaN
                : Math.sqrt(squares.of(Math.min(a, b) * estimates + Math.max(a, b))
                                .toDouble())
                        / episodes;
    }

    /**
     * Where a difference lies, if {@code comparisons} of them are looked at: each has its share of the chance to be wrong (Bonferroni).
     *
     * @param difference of the values of estimates {@code a} and {@code b}
     * @param confidence that all hold together, 0 to 1
     * @param comparisons at least 1
     */
    public Interval interval(double difference, int a, int b, double confidence, int comparisons) {
        var each = 1 - (1 - confidence) / comparisons;
        var half = episodes < 2 ? Double.NaN : Quantiles.student(episodes - 1, each) * standardError(a, b);
        return new Interval(difference - half, difference + half);
    }
}
