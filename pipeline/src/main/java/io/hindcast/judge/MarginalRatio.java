package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
 * in the features. That is tried: {@code simple} of the features alone must give the same value, but for the error of the difference.
 * The value is that of LSTD (Bradtke and Barto 1996). As many sums as the square of the features.
 *
 * <p>Uehara, Huang and Jiang (2020), "Minimax weight and Q-function learning for off-policy evaluation".
 *
 * @param features how many there are
 * @param simple how many of these, the first ones, must be enough
 */
public record MarginalRatio(int features, int simple) implements Estimator {
    /** How many errors two values may lie apart, and which share of the value's own error does no harm. */
    private static final double ERRORS = 2;

    private static final double HARMLESS = 0.25;

    /** Beyond rounding, relative to the largest mean feature. */
    private static final double UNMET = 1e-6;

    @Override
    public String name() {
        return "marginal-ratio";
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.REWARDS, Need.FEATURES);
    }

    @Override
    public FirstSums sums() {
        return new First(features, simple);
    }

    private static final class First implements FirstSums {
        private final int features;
        private final int simple;
        /** A, then c, then b. */
        private final Sums sums;

        private long episodes;

        First(int features, int simple) {
            this.features = features;
            this.simple = simple;
            sums = new Sums(features * features + 2 * features);
        }

        @Override
        public void add(Episode episode) {
            var flat = new double[sums.size()];
            for (var t = 0; t < episode.actionFeatures().size(); t++) {
                var of = episode.actionFeatures().get(t);
                var next = episode.nextFeatures().get(t);
                for (var i = 0; i < features; i++) {
                    for (var j = 0; of[i] != 0 && j < features; j++) {
                        flat[i * features + j] += of[i] * (of[j] - next[j]);
                    }
                    flat[features * features + i] += of[i] * episode.reward(t);
                }
            }
            System.arraycopy(episode.firstFeatures(), 0, flat, features * features + features, features);
            for (var i = 0; i < flat.length; i++) {
                sums.add(i, flat[i], 0);
            }
            episodes++;
        }

        @Override
        public void merge(FirstSums other) {
            sums.merge(((First) other).sums);
            episodes += ((First) other).episodes;
        }

        @Override
        public SecondSums second(Bootstrap bootstrap) {
            return new Second(new Fit(this, features), new Fit(this, simple), episodes);
        }

        private double mean(int index) {
            return sums.of(index).toDouble() / episodes;
        }
    }

    /** What some features give, the first ones. */
    private static final class Fit implements Serializable {
        /** y, the value function. */
        private final double[] values;
        /** x of zeta, for means over episodes. */
        private final double[] ratios;

        private final double value;
        /** How far the weighted log still differs from the policy in a feature. */
        private final double unmet;

        Fit(First sums, int size) {
            var matrix = new double[size][size];
            var transposed = new double[size][size];
            var rewards = new double[size];
            var first = new double[size];
            var trace = 0.0;
            for (var i = 0; i < size; i++) {
                for (var j = 0; j < size; j++) {
                    matrix[i][j] = sums.mean(i * sums.features + j);
                    transposed[j][i] = matrix[i][j];
                }
                trace += Math.abs(matrix[i][i]);
                rewards[i] = sums.mean(sums.features * sums.features + i);
                first[i] = sums.mean(sums.features * sums.features + sums.features + i);
            }
            // A feature that never occurs, or that others make up, says nothing: a little on the diagonal.
            var little = 1e-12 * trace;
            for (var i = 0; i < size; i++) {
                matrix[i][i] += little;
                transposed[i][i] += little;
            }
            values = solve(matrix, rewards);
            ratios = solve(transposed, first);
            value = SimplexProgramme.dot(first, values);
            // b less A' x without that little.
            var largest = 0.0;
            var missing = 0.0;
            for (var i = 0; i < size; i++) {
                largest = Math.max(largest, Math.abs(first[i]));
                missing = Math.max(missing, Math.abs(little * ratios[i]));
            }
            unmet = missing / largest;
        }

        double ratio(double[] of) {
            return dot(of, ratios);
        }

        double influence(Episode episode) {
            var influence = dot(episode.firstFeatures(), values) - value;
            for (var t = 0; t < episode.actionFeatures().size(); t++) {
                var of = episode.actionFeatures().get(t);
                var error = episode.reward(t) + dot(episode.nextFeatures().get(t), values) - dot(of, values);
                influence += ratio(of) * error;
            }
            return influence;
        }

        /** Of the first features. */
        private static double dot(double[] features, double[] factors) {
            var sum = 0.0;
            for (var i = 0; i < factors.length; i++) {
                sum += features[i] * factors[i];
            }
            return sum;
        }
    }

    private static final class Second implements SecondSums {
        private final Fit fit;
        private final Fit simple;
        private final long episodes;
        private final Spread spread = new Spread();
        /** Of differences from the value by the simple features. */
        private final Spread differences = new Spread();
        /** Of the weights of an episode's steps, added up, and of the square of that. */
        private final Sums weights = new Sums(2);

        Second(Fit fit, Fit simple, long episodes) {
            this.fit = fit;
            this.simple = simple;
            this.episodes = episodes;
        }

        @Override
        public double add(Episode episode, long[] counts) {
            var influence = influence(episode);
            spread.add(influence);
            differences.add(influence - simple.influence(episode));
            var weight = 0.0;
            for (var features : episode.actionFeatures()) {
                weight += fit.ratio(features);
            }
            weights.add(0, weight, 0);
            weights.add(1, weight * weight, 0);
            return influence;
        }

        @Override
        public void merge(SecondSums other) {
            var second = (Second) other;
            spread.merge(second.spread);
            differences.merge(second.differences);
            weights.merge(second.weights);
        }

        @Override
        public double influence(Episode episode) {
            return fit.influence(episode);
        }

        @Override
        public Estimate estimate(double confidence) {
            var estimate = Estimate.of(
                    "marginal-ratio", episodes, fit.value, error(spread), spread.skewness(), confidence, Interval.NONE);
            return episodes < 2 ? estimate : estimate.unless(objection(estimate));
        }

        private double error(Spread of) {
            return Math.sqrt(of.sumOfSquares() / ((double) episodes * (episodes - 1)));
        }

        private @Nullable String objection(Estimate estimate) {
            if (!(fit.unmet <= UNMET)) {
                return "no weights make the steps of the log those of the policy: the policy does what is never logged, or nothing"
                        + " ever ends (a discount below 1 ends it)";
            }
            var sum = weights.of(0).toDouble();
            var size = sum * sum / weights.of(1).toDouble();
            if (!(size >= WeightSummary.LEAST_SAMPLE_SIZE)) {
                return String.format(
                        Locale.ROOT,
                        "by the weights of its steps the effective sample size is %.1f of %d episodes; at least %d are needed",
                        size,
                        episodes,
                        WeightSummary.LEAST_SAMPLE_SIZE);
            }
            var difference = Math.abs(fit.value - simple.value);
            return difference > ERRORS * error(differences) && difference > HARMLESS * estimate.standardError()
                    ? String.format(
                            Locale.ROOT,
                            "features are too simple for it, since it depends on them: without squares of observations it is %.4g,"
                                    + " more than %.0f errors of the difference away",
                            simple.value,
                            ERRORS)
                    : estimate.objection();
        }
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
