package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * MAGIC, model and guided importance sampling combining: a mixture of estimates g^(j) that follow the log, weighted as {@link Wdr}
 * does, for j + 1 steps and the model from there on. From j = -1, the direct method, to the horizon, which is WDR:
 *
 * <pre>
 * g_i^(j) = (1/n) v_i,0 + sum_t&lt;=j u_i,t D_i,t delta_i,t        u_i,t = w_i,t / sum_k w_k,t
 * omega   = n/(n-1) sum_i (g_i - g/n)(g_i - g/n)'               g = sum_i g_i
 * b_j     = how far g^(j) lies beyond an interval of g^(horizon), with its sign
 * x       = the weights, none below 0 and 1 together, with the least x' (omega + b b') x
 * </pre>
 *
 * and the value is x' g. The interval is the bootstrap's, or without replicates the normal one. Its error takes x as given and knows
 * nothing of the bias of the model that is left inside that interval.
 *
 * <p>Thomas and Brunskill (2016), "Data-efficient off-policy policy evaluation for reinforcement learning", section 6, with the
 * factor n in omega that the authors' own code had missed at first, and their interval of half the replicates.
 *
 * @param most how many j there are at most, from 2 on; they lie the closer the earlier
 */
public record Magic(int most) implements Estimator {
    private static final double CONFIDENCE = 0.5;

    /** With as many j as the authors' rule of thumb. */
    public Magic() {
        this(25);
    }

    @Override
    public String name() {
        return "magic";
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.WEIGHTS, Need.REWARDS, Need.MODEL);
    }

    @Override
    public String objection(int horizon) {
        return "its error knows nothing of how wrong the model is that it follows in part";
    }

    @Override
    public FirstSums sums() {
        return new First(this);
    }

    /** The j of a horizon: -1, each of the first half of them, and then ever rarer ones up to the last step. */
    List<Integer> steps(int horizon) {
        var steps = new TreeSet<Integer>();
        var near = Math.min(most / 2, horizon);
        for (var j = -1; j < near - 1; j++) {
            steps.add(j);
        }
        steps.add(horizon - 1);
        var far = most - steps.size();
        for (var k = 1; k <= far; k++) {
            steps.add((int) Math.round(near * StrictMath.pow((double) horizon / near, (double) k / far)) - 1);
        }
        return List.copyOf(steps);
    }

    private static final class First implements FirstSums {
        private final Magic magic;
        private final RatioSums sums = new RatioSums(new Wdr());

        First(Magic magic) {
            this.magic = magic;
        }

        @Override
        public void add(Episode episode) {
            sums.add(episode);
        }

        @Override
        public void merge(FirstSums other) {
            sums.merge(((First) other).sums);
        }

        @Override
        public SecondSums second(Bootstrap bootstrap) {
            var fit = new RatioSums.Fit(sums);
            return new Mixture(fit, new RatioSums.Replicates(sums, bootstrap), magic.steps(fit.horizon()));
        }
    }

    /** The estimates g^(j), how they vary together, and their mixture. */
    static final class Mixture implements SecondSums {
        private final RatioSums.Fit fit;
        private final RatioSums.Replicates replicates;
        private final int[] steps;
        /** g. */
        final double[] estimates;

        /** Products of the g_i^(j) less their means, times n^2, one after the other, j <= k. */
        private final Sums products;
        /** The same of influences, which know that the sums of weights vary. */
        private final Sums influences;
        /** Of influences on g^(horizon), whose weights are the largest. */
        private final Spread spread = new Spread();

        Mixture(RatioSums.Fit fit, RatioSums.Replicates replicates, List<Integer> steps) {
            this.fit = fit;
            this.replicates = replicates;
            this.steps = steps.stream().mapToInt(Integer::intValue).toArray();
            estimates = new double[this.steps.length];
            var value = fit.meanStart;
            var t = 0;
            for (var j = 0; j < estimates.length; j++) {
                for (; t <= this.steps[j]; t++) {
                    value += fit.means[t];
                }
                estimates[j] = value;
            }
            products = new Sums(estimates.length * (estimates.length + 1) / 2);
            influences = new Sums(estimates.length * (estimates.length + 1) / 2);
        }

        @Override
        public double add(Episode episode, long[] counts) {
            var deviations = new double[steps.length];
            addProducts(products, deviations(episode, deviations, false));
            addProducts(influences, deviations(episode, deviations, true));
            spread.add(deviations[deviations.length - 1]);
            replicates.add(episode, counts);
            return Double.NaN; // The mixture is not known yet.
        }

        private double[] deviations(Episode episode, double[] deviations, boolean areInfluences) {
            var weights = episode.weights();
            var errors = episode.discountedErrors();
            var sum = episode.firstStateValue();
            var t = 0;
            for (var j = 0; j < steps.length; j++) {
                for (; t <= steps[j]; t++) {
                    var weight = fit.weight(weights, t);
                    sum += weight * ((t < weights.length() ? errors[t] : 0) - (areInfluences ? fit.means[t] : 0));
                }
                deviations[j] = sum - (areInfluences ? fit.meanStart : estimates[j]);
            }
            return deviations;
        }

        private static void addProducts(Sums sums, double[] x) {
            var index = 0;
            for (var j = 0; j < x.length; j++) {
                for (var k = j; k < x.length; k++) {
                    sums.add(index++, x[j] * x[k], 0);
                }
            }
        }

        @Override
        public void merge(SecondSums other) {
            var mixture = (Mixture) other;
            products.merge(mixture.products);
            influences.merge(mixture.influences);
            spread.merge(mixture.spread);
            replicates.merge(mixture.replicates);
        }

        /** How the g^(j) vary together. */
        double[][] omega() {
            return matrix(products, (double) fit.episodes * (fit.episodes - 1));
        }

        private double[][] matrix(Sums sums, double divisor) {
            var matrix = new double[steps.length][steps.length];
            var index = 0;
            for (var j = 0; j < steps.length; j++) {
                for (var k = j; k < steps.length; k++) {
                    matrix[j][k] = sums.of(index++).toDouble() / divisor;
                    matrix[k][j] = matrix[j][k];
                }
            }
            return matrix;
        }

        /** b, how far each estimate lies beyond {@code interval}. */
        double[] biases(Interval interval) {
            return Arrays.stream(estimates)
                    .map(g -> Math.max(g - interval.high(), 0) + Math.min(g - interval.low(), 0))
                    .toArray();
        }

        /** x. */
        double[] weights(Interval interval) {
            var matrix = omega();
            var biases = biases(interval);
            for (var j = 0; j < biases.length; j++) {
                for (var k = 0; k < biases.length; k++) {
                    matrix[j][k] += biases[j] * biases[k];
                }
            }
            return SimplexProgramme.solve(matrix);
        }

        /** Of g^(horizon): of the replicates, or without them of its error; g^(horizon) lies in it. */
        private Interval interval() {
            var last = steps.length - 1;
            var value = estimates[last];
            var error = Math.sqrt(matrix(influences, (double) fit.episodes * fit.episodes)[last][last]);
            var half = Quantiles.normal(1 - CONFIDENCE) * error;
            var interval = Quantiles.middle(replicates.values(factors(unit(last))), CONFIDENCE);
            return Double.isNaN(interval.low())
                    ? new Interval(value - half, value + half)
                    : new Interval(Math.min(value, interval.low()), Math.max(value, interval.high()));
        }

        private double[] unit(int index) {
            var unit = new double[steps.length];
            unit[index] = 1;
            return unit;
        }

        /** What a mixture makes of the weighted mean of each step, {@code [horizon]}. */
        private double[] factors(double[] mixture) {
            var factors = new double[fit.horizon()];
            for (var j = 0; j < steps.length; j++) {
                for (var t = 0; t <= steps[j]; t++) {
                    factors[t] += mixture[j];
                }
            }
            return factors;
        }

        /** Of the mixture, as of the last merge. */
        @Override
        public double influence(Episode episode) {
            return SimplexProgramme.dot(weights(interval()), deviations(episode, new double[steps.length], true));
        }

        @Override
        public Estimate estimate(double confidence) {
            var mixture = weights(interval());
            var covariance = matrix(influences, (double) fit.episodes * fit.episodes);
            return Estimate.of(
                    "magic",
                    fit.episodes,
                    SimplexProgramme.dot(mixture, estimates),
                    Math.sqrt(SimplexProgramme.dot(mixture, SimplexProgramme.times(covariance, mixture))),
                    spread.skewness(),
                    confidence,
                    Quantiles.middle(replicates.values(factors(mixture)), confidence));
        }
    }
}
