package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;

/**
 * The error of differences between estimates from the same episodes: two policies mostly act alike, so their difference
 * varies far less than each estimate. With influences IF of {@link SecondPass#influence} the difference of a and b has
 * the error sqrt(sum_i (IF_i,a - IF_i,b)^2) / n. A state that merges: sums of each pair.
 */
public final class Comparison implements Serializable {
    private final int estimates;
    /** Of differences, at a K + b for a below b. */
    private final List<Spread> spreads;

    private long episodes;

    /** The state of no episodes. */
    public Comparison(int estimates) {
        this.estimates = estimates;
        spreads =
                Stream.generate(Spread::new).limit((long) estimates * estimates).toList();
    }

    /**
     * Adds an episode.
     *
     * @param influences on each estimate, {@code [estimates]}; one that is NaN leaves the episode out of all
     */
    public Comparison add(double[] influences) {
        for (var influence : influences) {
            if (Double.isNaN(influence)) {
                return this;
            }
        }
        for (var a = 0; a < estimates; a++) {
            for (var b = a + 1; b < estimates; b++) {
                spread(a, b).add(influences[a] - influences[b]);
            }
        }
        episodes++;
        return this;
    }

    /** Adds what another state of as many estimates has seen. */
    public Comparison merge(Comparison other) {
        for (var i = 0; i < spreads.size(); i++) {
            spreads.get(i).merge(other.spreads.get(i));
        }
        episodes += other.episodes;
        return this;
    }

    /** The error of the difference of estimates {@code a} and {@code b}; NaN below two episodes. */
    public double standardError(int a, int b) {
        return episodes < 2 ? Double.NaN : Math.sqrt(spread(a, b).sumOfSquares()) / episodes;
    }

    /** The skewness of the error of the difference of estimates {@code a} and {@code b}; NaN below two episodes. */
    public double skewness(int a, int b) {
        if (episodes < 2) {
            return Double.NaN;
        }
        return a < b ? spread(a, b).skewness() : -spread(a, b).skewness();
    }

    private Spread spread(int a, int b) {
        return spreads.get(Math.min(a, b) * estimates + Math.max(a, b));
    }

    /**
     * Where a difference lies, as {@link Estimate#interval} says for a value, if {@code comparisons} of them are looked at: each has its
     * share of the chance to be wrong (Bonferroni).
     *
     * @param difference of the values of estimates {@code a} and {@code b}
     * @param confidence that all hold together, 0 to 1
     * @param comparisons at least 1
     */
    public Interval interval(double difference, int a, int b, double confidence, int comparisons) {
        if (episodes < 2) {
            return Interval.NONE;
        }
        return Interval.skewed(
                difference, standardError(a, b), skewness(a, b), episodes - 1, 1 - (1 - confidence) / comparisons);
    }
}
