package io.hindcast.judge;

/**
 * An estimator that is a mean of values, and a sum over steps of weighted means: mean_i start_i + sum_t [sum_i w_i,t x_i,t] /
 * [sum_i w_i,t]. Both sums of the fraction run over all n episodes: one that ended is in a state of its own, earns x = 0 there,
 * and its weight stays as it was at the end.
 */
interface RatioEstimator extends Estimator {
    /** What is not weighted. */
    double start(Episode episode);

    /** The weights, one a step. */
    Weights weights(Episode episode);

    /** What is weighted, one a step. */
    double[] terms(Episode episode);

    @Override
    default FirstSums sums() {
        return new RatioSums(this);
    }
}
