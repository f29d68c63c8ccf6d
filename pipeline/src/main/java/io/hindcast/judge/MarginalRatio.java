package io.hindcast.judge;

import java.io.Serializable;

/**
 * For episodes too long to be weighted whole: each step is weighted by how much oftener, discounted, the policy comes to its state and
 * action than the log did. The ratio is a linear function of features f of both, zeta = f(s,a)' x, found by minimax weight learning: no
 * linear function of the features can tell the weighted log from the policy. With sums over all steps of all n episodes:
 *
 * <pre>
 * A     = (1/n) sum f_t (f_t - f'_t)'       f'_t = discount^duration times the mean of f(s_t+1, .) under the policy; 0 after the end
 * c     = (1/n) sum f_t r_t,    b = (1/n) sum_i b_i,    b_i the mean of f(s_i,0, .) under the policy
 * x     = (A')^-1 b,    y = A^-1 c
 * value = (1/n) sum zeta_t r_t = b' y
 * influence_i = b_i' y - value + sum_t zeta_t (r_t + f'_t' y - f_t' y)
 * </pre>
 *
 * No propensities are needed, and where an episode is cut does not matter. It is right where the ratio, or the value function, is linear
 * in the features, and its error knows nothing of how far they are from that; with a feature for each pair of a state and an action they
 * are. The value is that of LSTD (Bradtke and Barto 1996). A state that merges; of as many sums as the square of the features.
 *
 * <p>Uehara, Huang and Jiang (2020), "Minimax weight and Q-function learning for off-policy evaluation".
 */
public final class MarginalRatio implements Serializable {
    private final int features;
    /** A, then c, then b. */
    private final Sums sums;

    private long episodes;

    /**
     * A step: features and what came of it.
     *
     * @param features f(s, a) of what was logged
     * @param nextFeatures the mean of f(s', .) under the policy, times discount^duration; zeros where the task ended
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, not compared
    public record Step(double[] features, double reward, double[] nextFeatures) {}

    /** The state of no episodes. */
    public MarginalRatio(int features) {
        this.features = features;
        sums = new Sums(features * features + 2 * features);
    }

    /**
     * Adds an episode.
     *
     * @param first the mean of f(s_0, .) under the policy
     */
    public MarginalRatio add(double[] first, Iterable<Step> steps) {
        var flat = new double[sums.size()];
        for (var step : steps) {
            for (var i = 0; i < features; i++) {
                var feature = step.features()[i];
                for (var j = 0; feature != 0 && j < features; j++) {
                    flat[i * features + j] += feature * (step.features()[j] - step.nextFeatures()[j]);
                }
                flat[features * features + i] += feature * step.reward();
            }
        }
        System.arraycopy(first, 0, flat, features * features + features, features);
        for (var i = 0; i < flat.length; i++) {
            sums.add(i, flat[i], 0);
        }
        episodes++;
        return this;
    }

    /** Adds what another state of as many features has seen. */
    public MarginalRatio merge(MarginalRatio other) {
        sums.merge(other.sums);
        episodes += other.episodes;
        return this;
    }

    /** The second pass, over the same episodes. */
    public Second second() {
        return new Second(this);
    }

    /** How far the value may be off; merges as the first pass does. */
    public static final class Second implements Serializable {
        private final int features;
        private final long episodes;
        private final double[] first;
        /** y, the value function. */
        private final double[] values;
        /** x of zeta, for means over episodes. */
        private final double[] ratios;

        private final double value;
        private final Spread spread = new Spread();

        private Second(MarginalRatio sums) {
            features = sums.features;
            episodes = sums.episodes;
            var matrix = new double[features][features];
            var transposed = new double[features][features];
            var rewards = new double[features];
            first = new double[features];
            var trace = 0.0;
            for (var i = 0; i < features; i++) {
                for (var j = 0; j < features; j++) {
                    matrix[i][j] = sums.mean(i * features + j);
                    transposed[j][i] = matrix[i][j];
                }
                trace += Math.abs(matrix[i][i]);
                rewards[i] = sums.mean(features * features + i);
                first[i] = sums.mean(features * features + features + i);
            }
            // A feature that never occurs, or that others make up, says nothing: a little on the diagonal.
            for (var i = 0; i < features; i++) {
                matrix[i][i] += 1e-12 * trace;
                transposed[i][i] += 1e-12 * trace;
            }
            values = solve(matrix, rewards);
            ratios = solve(transposed, first);
            value = SimplexProgramme.dot(first, values);
        }

        /** Adds an episode of the first pass. */
        public Second add(double[] start, Iterable<Step> steps) {
            spread.add(influence(start, steps));
            return this;
        }

        /** Adds what another state has seen. */
        public Second merge(Second other) {
            spread.merge(other.spread);
            return this;
        }

        /** How much the estimate moves with an episode. */
        public double influence(double[] start, Iterable<Step> steps) {
            var influence = SimplexProgramme.dot(start, values) - value;
            for (var step : steps) {
                var error = step.reward()
                        + SimplexProgramme.dot(step.nextFeatures(), values)
                        - SimplexProgramme.dot(step.features(), values);
                influence += ratio(step.features()) * error;
            }
            return influence;
        }

        /** zeta: how much oftener the policy comes to this state and action than the log. */
        public double ratio(double[] of) {
            return SimplexProgramme.dot(of, ratios);
        }

        /** The value with its error. */
        public Estimate estimate(double confidence) {
            var error = Math.sqrt(spread.sumOfSquares() / ((double) episodes * (episodes - 1)));
            return Estimate.of(
                    "marginal-ratio", episodes, value, error, spread.skewness(), confidence, Estimate.Interval.NONE);
        }
    }

    private double mean(int index) {
        return sums.of(index).toDouble() / episodes;
    }

    /** The solution of a system of equations, by elimination with pivots. */
    private static double[] solve(double[][] matrix, double[] right) {
        var size = right.length;
        var b = right.clone();
        for (var k = 0; k < size; k++) {
            var pivot = k;
            for (var i = k + 1; i < size; i++) {
                pivot = Math.abs(matrix[i][k]) > Math.abs(matrix[pivot][k]) ? i : pivot;
            }
            var row = matrix[pivot];
            matrix[pivot] = matrix[k];
            matrix[k] = row;
            var entry = b[pivot];
            b[pivot] = b[k];
            b[k] = entry;
            for (var i = k + 1; i < size; i++) {
                var factor = matrix[i][k] / row[k];
                for (var j = k; factor != 0 && j < size; j++) {
                    matrix[i][j] -= factor * row[j];
                }
                b[i] -= factor * entry;
            }
        }
        for (var k = size - 1; k >= 0; k--) {
            for (var j = k + 1; j < size; j++) {
                b[k] -= matrix[k][j] * b[j];
            }
            b[k] /= matrix[k][k];
        }
        return b;
    }
}
