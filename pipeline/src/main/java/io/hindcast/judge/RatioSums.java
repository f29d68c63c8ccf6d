package io.hindcast.judge;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A mean of values, and for each step the sums of a weighted mean. */
final class RatioSums implements FirstSums {
    private final RatioEstimator estimator;
    private final Sums starts = new Sums(1);
    private final Sums numerators = new Sums(0);
    /** Of the weights of the episodes that have this step. */
    private final Sums living = new Sums(0);
    /** Of the last weights of the episodes whose last step this is. */
    private final Sums ended = new Sums(0);

    private long episodes;

    RatioSums(RatioEstimator estimator) {
        this.estimator = estimator;
    }

    @Override
    public void add(Episode episode) {
        var weights = estimator.weights(episode);
        var terms = estimator.terms(episode);
        var length = weights.length();
        numerators.grow(length);
        living.grow(length);
        ended.grow(length);
        starts.add(0, estimator.start(episode), 0);
        for (var t = 0; t < length; t++) {
            numerators.add(t, terms[t] * weights.mantissa(t), weights.exponent(t));
            living.add(t, weights.mantissa(t), weights.exponent(t));
        }
        ended.add(length - 1, weights.last());
        episodes++;
    }

    @Override
    public void merge(FirstSums other) {
        var sums = (RatioSums) other;
        starts.merge(sums.starts);
        numerators.merge(sums.numerators);
        living.merge(sums.living);
        ended.merge(sums.ended);
        episodes += sums.episodes;
    }

    @Override
    public SecondSums second(Bootstrap bootstrap) {
        return new Second(this, bootstrap);
    }

    /** The sums of weights over all episodes, {@code [horizon]}, of those that live and of those that ended. */
    static Scaled[] denominators(Sums living, Sums ended) {
        var denominators = new Scaled[living.size()];
        var before = Scaled.ZERO;
        for (var t = 0; t < denominators.length; t++) {
            denominators[t] = living.of(t).plus(before);
            before = before.plus(ended.of(t));
        }
        return denominators;
    }

    /** The value, and what each episode has to do with it. */
    static final class Fit implements Serializable {
        final long episodes;
        final double meanStart;
        /** m_t = [sum_i w_t x_t] / [sum_i w_t]; NaN where no weight is above 0. */
        final double[] means;
        /** n / [sum_i w_t]. */
        final Scaled[] scales;
        /** The sum of m_s n / [sum_i w_s] over s >= t, {@code [horizon + 1]}: what an episode that ended before t lost. */
        private final Scaled[] rest;

        private final RatioEstimator estimator;

        Fit(RatioSums sums) {
            estimator = sums.estimator;
            episodes = sums.episodes;
            meanStart = sums.starts.of(0).toDouble() / episodes;
            var denominators = denominators(sums.living, sums.ended);
            var horizon = denominators.length;
            means = new double[horizon];
            scales = new Scaled[horizon];
            rest = new Scaled[horizon + 1];
            rest[horizon] = Scaled.ZERO;
            for (var t = horizon - 1; t >= 0; t--) {
                means[t] = sums.numerators.of(t).over(denominators[t]).toDouble();
                scales[t] = Scaled.of(episodes).over(denominators[t]);
                rest[t] = rest[t + 1].plus(scales[t].times(means[t]));
            }
        }

        int horizon() {
            return means.length;
        }

        double value() {
            var value = meanStart;
            for (var mean : means) {
                value += mean;
            }
            return value;
        }

        /** start_i - mean start + sum_t w_t (x_t - m_t) / mean w_t over all steps up to the horizon. */
        double influence(Episode episode) {
            return influence(estimator.start(episode), estimator.weights(episode), estimator.terms(episode));
        }

        private double influence(double start, Weights weights, double[] terms) {
            var influence = start - meanStart;
            for (var t = 0; t < weights.length(); t++) {
                influence += weight(weights, t) * (terms[t] - means[t]);
            }
            return influence - weights.last().times(rest[weights.length()]).toDouble();
        }

        /** w_t / mean w_t, at most n; after the end with the weight of the last step. */
        double weight(Weights weights, int t) {
            var own = Math.min(t, weights.length() - 1);
            return Scaled.scale(weights.mantissa(own) * scales[t].x(), weights.exponent(own) + scales[t].exponent());
        }
    }

    /** The same sums for each replicate of a bootstrap. */
    static final class Replicates implements Serializable {
        private final RatioEstimator estimator;
        private final FixedSums starts;
        private final FixedSums numerators;
        private final FixedSums living;
        private final FixedSums ended;
        private final long[] drawn;

        Replicates(RatioSums first, Bootstrap bootstrap) {
            estimator = first.estimator;
            starts = new FixedSums(first.starts, first.episodes, bootstrap.replicates());
            numerators = new FixedSums(first.numerators, first.episodes, bootstrap.replicates());
            living = new FixedSums(first.living, first.episodes, bootstrap.replicates());
            ended = new FixedSums(first.ended, first.episodes, bootstrap.replicates());
            drawn = new long[bootstrap.replicates()];
        }

        void add(Episode episode, long[] counts) {
            if (counts.length == 0) {
                return;
            }
            add(estimator.start(episode), estimator.weights(episode), estimator.terms(episode), counts);
        }

        private void add(double start, Weights weights, double[] terms, long[] counts) {
            starts.add(0, start, 0);
            for (var t = 0; t < weights.length(); t++) {
                numerators.add(t, terms[t] * weights.mantissa(t), weights.exponent(t));
                living.add(t, weights.mantissa(t), weights.exponent(t));
            }
            var last = weights.last();
            ended.add(weights.length() - 1, last.x(), last.exponent());
            starts.end(counts);
            numerators.end(counts);
            living.end(counts);
            ended.end(counts);
            for (var r = 0; r < counts.length; r++) {
                drawn[r] += counts[r];
            }
        }

        void merge(Replicates other) {
            starts.merge(other.starts);
            numerators.merge(other.numerators);
            living.merge(other.living);
            ended.merge(other.ended);
            for (var r = 0; r < drawn.length; r++) {
                drawn[r] += other.drawn[r];
            }
        }

        /** The value of each replicate, its weighted means times {@code factors}, {@code [horizon]}; NaN where none is drawn. */
        double[] values(double[] factors) {
            var values = new double[drawn.length];
            for (var r = 0; r < values.length; r++) {
                values[r] = starts.of(0, r).toDouble() / drawn[r];
                var before = Scaled.ZERO;
                for (var t = 0; t < numerators.size(); t++) {
                    var denominator = living.of(t, r).plus(before);
                    values[r] +=
                            factors[t] * numerators.of(t, r).over(denominator).toDouble();
                    before = before.plus(ended.of(t, r));
                }
            }
            return values;
        }
    }

    private static final class Second implements SecondSums {
        private final RatioEstimator estimator;
        private final Fit fit;
        private final Spread spread = new Spread();
        /** Of single decisions the weights, and the deviations from their weighted mean. */
        private final Spread ofWeights = new Spread();

        private final Spread ofTerms = new Spread();
        private final Replicates replicates;

        Second(RatioSums first, Bootstrap bootstrap) {
            estimator = first.estimator;
            fit = new Fit(first);
            replicates = new Replicates(first, bootstrap);
        }

        @Override
        public double add(Episode episode, long[] counts) {
            var start = estimator.start(episode);
            var weights = estimator.weights(episode);
            var terms = estimator.terms(episode);
            var influence = fit.influence(start, weights, terms);
            spread.add(influence);
            if (fit.horizon() == 1) {
                ofWeights.add(fit.weight(weights, 0));
                ofTerms.add(terms[0] - fit.means[0]);
            }
            if (counts.length > 0) {
                replicates.add(start, weights, terms, counts);
            }
            return influence;
        }

        @Override
        public void merge(SecondSums other) {
            var second = (Second) other;
            spread.merge(second.spread);
            ofWeights.merge(second.ofWeights);
            ofTerms.merge(second.ofTerms);
            replicates.merge(second.replicates);
        }

        @Override
        public double influence(Episode episode) {
            return fit.influence(episode);
        }

        @Override
        public Estimate estimate(double confidence) {
            var ones = new double[fit.horizon()];
            Arrays.fill(ones, 1);
            var estimate = Estimate.of(
                    estimator.name(),
                    fit.episodes,
                    fit.value(),
                    Math.sqrt(spread.sumOfSquares()) / fit.episodes,
                    spread.skewness(),
                    confidence,
                    Quantiles.middle(replicates.values(ones), confidence));
            return estimate.objection() == null ? estimate.unless(objection()) : estimate;
        }

        /**
         * A log that lacks rare rewards of large weight looks as if there were none. What weights and rewards are like apart is known
         * from all episodes: if they do not depend on each other, (mean w^3) (mean e^3) / [(mean w^2) (mean e^2)]^(3/2) / sqrt(n) is the
         * skewness, with e = x - m.
         */
        private @Nullable String objection() {
            var skewness = ofWeights.skewness() * ofTerms.skewness() * Math.sqrt(fit.episodes);
            return Math.abs(skewness) > Estimate.LARGEST_SKEWNESS
                    ? String.format(
                            Locale.ROOT,
                            "rare rewards of large weight decide it, and the log may lack some: by its weights and its rewards apart"
                                    + " its skewness would be %.2f, and intervals hold up to %.1f",
                            skewness,
                            Estimate.LARGEST_SKEWNESS)
                    : null;
        }
    }
}
