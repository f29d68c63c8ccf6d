package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.util.Arrays;

/**
 * Bounds of a policy's value that hold at every time at once: they may be looked at each night, and acted upon the first night they
 * allow it. For X_i = w_i,T-1 (G_i - least) &gt;= 0 of mean m, whoever always bets b &lt; 1/m that X is above m has the fortune
 * prod_i (1 + b (X_i - m)), which is 1 on average: it ever exceeds 1/alpha with chance alpha at most. By Fan's inequality
 *
 * <pre>
 * log(1 + u y) &gt;= u y + (u + log(1 - u)) y^2       y &gt;= -1, 0 &lt;= u &lt; 1,    with u = b m, y = (X - m) / m
 * </pre>
 *
 * three sums bound the fortune for every m and b. Bets are fixed, and the first fortune is split among them, so that the order of the
 * episodes does not matter and states merge (a night's with those before it). A fortune falls as m rises: what excludes an m excludes
 * all below. The upper bound is the lower one of most - G.
 *
 * <p>Waudby-Smith and Ramdas (2024), "Estimating means of bounded random variables by betting"; Karampatziakis, Mineiro and Ramdas
 * (2021), "Off-policy confidence sequences"; Fan, Grama and Liu (2015), "Exponential inequalities for martingales".
 */
public final class ConfidenceSequence implements LowerBound {
    /** The largest bet in units of 1 / (most - least), as a power of two; the others are a half of it, a quarter ... */
    private static final int LARGEST_BET = 7;

    private static final int BETS = 40;

    private final double least;
    private final double most;
    /** Of X and X^2, then of the same of what is missing to the most. */
    private final Sums sums = new Sums(4);

    private long episodes;

    /** The state of no episodes, whose returns are known beforehand to lie between these. */
    public ConfidenceSequence(double least, double most) {
        this.least = least;
        this.most = most;
    }

    /**
     * Adds an episode with weights and rewards.
     *
     * @throws IllegalArgumentException if its return is out of bounds
     */
    @Override
    public ConfidenceSequence add(Episode episode) {
        var value = episode.discountedReturn();
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException("Cannot bound the value: episode " + episode.id() + " has the return "
                    + value + ", which is not from " + least + " to " + most);
        }
        var weight = episode.weights().last();
        var above = weight.times(value - least);
        var below = weight.times(most - value);
        sums.add(0, above);
        sums.add(1, above.times(above));
        sums.add(2, below);
        sums.add(3, below.times(below));
        episodes++;
        return this;
    }

    @Override
    public ConfidenceSequence merge(LowerBound bound) {
        var other = (ConfidenceSequence) bound;
        if (least != other.least || most != other.most) {
            throw new IllegalArgumentException("Cannot merge bounds of returns from " + least + " to " + most
                    + " with those from " + other.least + " to " + other.most);
        }
        sums.merge(other.sums);
        episodes += other.episodes;
        return this;
    }

    /** Where the value lies, at all times so far and to come, but for a chance of {@code alpha}, half of it at either end. */
    public Interval interval(double alpha) {
        return new Interval(least + mean(0, alpha / 2), most - mean(2, alpha / 2));
    }

    /** What the value does not lie below, at all times so far and to come, but for a chance of {@code alpha}. */
    @Override
    public double lower(double alpha) {
        return least + mean(0, alpha);
    }

    /** The largest mean of X that is excluded, or 0. */
    private double mean(int at, double alpha) {
        var range = most - least;
        var sum = sums.of(at).toDouble() / range;
        var squares = sums.of(at + 1).toDouble() / (range * range);
        var wanted = StrictMath.log(BETS / alpha);
        var excluded = 0.0;
        for (var m = 0x1p-40; m < 1; m *= 1.25) {
            excluded = logFortunes(m, sum, squares) >= wanted ? m : excluded;
        }
        var allowed = 1.25 * excluded;
        for (var i = 0; i < 50; i++) {
            var middle = (excluded + allowed) / 2;
            if (logFortunes(middle, sum, squares) >= wanted) {
                excluded = middle;
            } else {
                allowed = middle;
            }
        }
        return range * Math.min(excluded, 1);
    }

    /** The logarithm of the sum of what each bet makes of 1, at least. */
    private double logFortunes(double m, double sum, double squares) {
        var gains = sum - episodes * m;
        var deviations = squares - 2 * m * sum + episodes * m * m;
        var logs = new double[BETS];
        for (var k = 0; k < BETS; k++) {
            var bet = Math.scalb(1.0, LARGEST_BET - k);
            var share = bet * m;
            logs[k] = share < 1
                    ? bet * gains + (share + StrictMath.log1p(-share)) / (m * m) * deviations
                    : Double.NEGATIVE_INFINITY;
        }
        var largest = Arrays.stream(logs).max().orElseThrow();
        return largest
                + StrictMath.log(Arrays.stream(logs)
                        .map(log -> StrictMath.exp(log - largest))
                        .sum());
    }
}
