package io.hindcast.judge;

import java.util.List;

/**
 * A lower bound of a policy's value that holds for any number of episodes: the empirical Bernstein inequality for
 * X_i = w_i,T-1 (G_i - least) >= 0, cut off at c, which can only lower their mean:
 *
 * <pre>
 * least + mean Y - 7 c log(2/alpha) / (3 (n-1)) - sqrt(2 s^2 log(2/alpha) / n)        Y_i = min(X_i, c)
 * </pre>
 *
 * with the variance s^2 of divisor n - 1. No bound of the weights is needed. Of several c the best bound may be taken if each has its
 * share of alpha. A state that merges.
 *
 * <p>Maurer and Pontil (2009), "Empirical Bernstein bounds and sample variance penalization"; Thomas, Theocharous and Ghavamzadeh
 * (2015), "High-confidence off-policy evaluation".
 */
public final class ClippedBernstein implements LowerBound {
    /** In units of weighted return; chosen before any episode is seen. */
    private static final List<Double> CLIPS =
            List.of(1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e5, 1e6);

    private final double least;
    private final List<Double> clips;
    /** For each clip those of Y, then those of its square. */
    private final Sums sums;

    private long episodes;

    /** The state of no episodes, with clips for returns of any usual size. */
    public ClippedBernstein(double least) {
        this(least, CLIPS);
    }

    /**
     * The state of no episodes.
     *
     * @param least a return that no episode is below, known beforehand
     * @param clips in units of weighted return above the least, above 0
     */
    public ClippedBernstein(double least, List<Double> clips) {
        this.least = least;
        this.clips = List.copyOf(clips);
        sums = new Sums(2 * clips.size());
    }

    /**
     * Adds an episode with weights and rewards.
     *
     * @throws IllegalArgumentException if its return is below the least
     */
    @Override
    public ClippedBernstein add(Episode episode) {
        var gain = episode.discountedReturn() - least;
        if (gain < 0) {
            throw new IllegalArgumentException("Cannot bound the value: episode " + episode.id() + " has the return "
                    + episode.discountedReturn() + ", below the least one, " + least);
        }
        var weighted = episode.weights().last().times(gain).toDouble();
        for (var c = 0; c < clips.size(); c++) {
            var clipped = Math.min(weighted, clips.get(c));
            sums.add(2 * c, clipped, 0);
            sums.add(2 * c + 1, clipped * clipped, 0);
        }
        episodes++;
        return this;
    }

    @Override
    public ClippedBernstein merge(LowerBound bound) {
        var other = (ClippedBernstein) bound;
        if (least != other.least || !clips.equals(other.clips)) {
            throw new IllegalArgumentException("Cannot merge bounds of " + least + " and " + clips + " with those of "
                    + other.least + " and " + other.clips);
        }
        sums.merge(other.sums);
        episodes += other.episodes;
        return this;
    }

    /**
     * What the value lies below with chance {@code alpha} at most, by the c-th clip alone; minus infinity below two episodes.
     */
    public double lower(int clip, double alpha) {
        if (episodes < 2) {
            return Double.NEGATIVE_INFINITY;
        }
        var mean = sums.of(2 * clip).toDouble() / episodes;
        var variance = Math.max(0, sums.of(2 * clip + 1).toDouble() - episodes * mean * mean) / (episodes - 1);
        var log = StrictMath.log(2 / alpha);
        return least
                + mean
                - 7 * clips.get(clip) * log / (3.0 * (episodes - 1))
                - Math.sqrt(2 * variance * log / episodes);
    }

    /** What the value lies below with chance {@code alpha} at most, by whichever clip gives most; the least return if none does. */
    @Override
    public double lower(double alpha) {
        var best = least;
        for (var c = 0; c < clips.size(); c++) {
            best = Math.max(best, lower(c, alpha / clips.size()));
        }
        return best;
    }
}
