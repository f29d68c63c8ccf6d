package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;

/**
 * Bounds of a policy's value from a log of single decisions, by empirical likelihood with the Cressie-Read divergence of power -2:
 * the least and the largest mean of w r over ways to weigh the rows that are near to equal and for which the mean weight is 1, as it
 * must be. A row that was not logged is added, whose weight and reward are the worst that they may be. Six sums are enough.
 *
 * <p>Karampatziakis, Langford and Mineiro (2020), "Empirical likelihood for contextual bandits", in closed form: with means over the
 * n + 1 rows, V = mean w^2 - (mean w)^2 and C = mean w^2 r - mean w mean w r,
 *
 * <pre>
 * lower = mean w r + (1 - mean w) C / V - sqrt([mean w^2 r^2 - (mean w r)^2 - C^2 / V] [R / (n+1) - (1 - mean w)^2 / V])
 * R     = the least R for which there is such a way, + the upper alpha quantile of F(1, n)
 * </pre>
 */
public final class CressieRead implements LowerBound {
    private final double leastReward;
    private final double largestReward;
    private final double leastWeight;
    private final double largestWeight;
    /** Of w, w^2, w r, w^2 r and w^2 r^2. */
    private final Sums sums = new Sums(5);

    private long rows;

    /**
     * The state of no rows. All bounds are known beforehand; those of the weights hold for every action that may be logged.
     *
     * @param largestWeight infinite if not known
     */
    public CressieRead(double leastReward, double largestReward, double leastWeight, double largestWeight) {
        this.leastReward = leastReward;
        this.largestReward = largestReward;
        this.leastWeight = leastWeight;
        this.largestWeight = largestWeight;
    }

    /**
     * Adds an episode of one step, with a weight and a reward.
     *
     * @throws IllegalArgumentException if its reward is out of bounds
     */
    @Override
    public CressieRead add(Episode episode) {
        var reward = episode.reward(0);
        if (!(reward >= leastReward && reward <= largestReward)) {
            throw new IllegalArgumentException("Cannot bound the value: episode " + episode.id() + " has the reward "
                    + reward + ", which is not from " + leastReward + " to " + largestReward);
        }
        var weight = episode.weights().last();
        var square = weight.times(weight);
        sums.add(0, weight);
        sums.add(1, square);
        sums.add(2, weight.times(reward));
        sums.add(3, square.times(reward));
        sums.add(4, square.times(reward).times(reward));
        rows++;
        return this;
    }

    @Override
    public CressieRead merge(LowerBound bound) {
        var other = (CressieRead) bound;
        if (leastReward != other.leastReward
                || largestReward != other.largestReward
                || leastWeight != other.leastWeight
                || largestWeight != other.largestWeight) {
            throw new IllegalArgumentException("Cannot merge bounds of other rewards or weights");
        }
        sums.merge(other.sums);
        rows += other.rows;
        return this;
    }

    /** Where the value lies but for a chance of {@code alpha}, both ends together; all that rewards allow without rows. */
    public Interval interval(double alpha) {
        if (rows == 0) {
            return new Interval(leastReward, largestReward);
        }
        var quantile = Quantiles.upperF(rows, alpha);
        var lower = lower(new Moments(1), leastReward, quantile);
        var upper = -lower(new Moments(-1), -largestReward, quantile);
        return new Interval(cut(lower), cut(upper));
    }

    /** The lower end alone: each end of an interval has half of the chance to be wrong. */
    @Override
    public double lower(double alpha) {
        return interval(2 * alpha).low();
    }

    private double cut(double value) {
        return Math.min(Math.max(value, leastReward), largestReward);
    }

    private double lower(Moments data, double least, double quantile) {
        var extreme = data.w < rows ? largestWeight : leastWeight;
        var radius = data.leastRadius(extreme) + quantile;
        return Math.min(data.lower(leastWeight, least, radius), data.lower(largestWeight, least, radius));
    }

    /** The six sums, of rewards with a sign. */
    private final class Moments {
        final double w;
        final double w2;
        final double wr;
        final double w2r;
        final double w2r2;

        Moments(int sign) {
            w = sums.of(0).toDouble();
            w2 = sums.of(1).toDouble();
            wr = sign * sums.of(2).toDouble();
            w2r = sign * sums.of(3).toDouble();
            w2r2 = sums.of(4).toDouble();
        }

        double leastRadius(double weight) {
            if (Double.isInfinite(weight)) {
                return 1 + 1.0 / rows;
            }
            var mean = (w + weight) / (rows + 1);
            var variance = (w2 + weight * weight) / (rows + 1) - mean * mean;
            return (rows + 1) * (1 - mean) * (1 - mean) / variance;
        }

        /** With a row of this weight and reward added; infinite if there is no such way to weigh them. */
        double lower(double weight, double reward, double radius) {
            var n = rows + 1.0;
            if (Double.isInfinite(weight)) {
                var y = wr - reward * w;
                var y2 = w2r2 - 2 * reward * w2r + reward * reward * w2;
                var spread = y2 / n - y * y / (rows * n);
                var room = (radius - 1 - 1.0 / rows) / n;
                return reward + y / rows - Math.sqrt(Math.max(0, spread) * Math.max(0, room));
            }
            var meanW = (w + weight) / n;
            var meanWr = (wr + weight * reward) / n;
            var variance = (w2 + weight * weight) / n - meanW * meanW;
            var covariance = (w2r + weight * weight * reward) / n - meanW * meanWr;
            var meanW2r2 = (w2r2 + weight * weight * reward * reward) / n;
            var room = radius / n - (1 - meanW) * (1 - meanW) / variance;
            if (!(room >= -1e-12)) {
                return Double.POSITIVE_INFINITY;
            }
            var spread = meanW2r2 - meanWr * meanWr - covariance * covariance / variance;
            return meanWr + (1 - meanW) * covariance / variance - Math.sqrt(Math.max(0, spread) * Math.max(0, room));
        }
    }
}
