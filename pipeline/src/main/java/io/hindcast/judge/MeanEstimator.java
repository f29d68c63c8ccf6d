package io.hindcast.judge;

/** An estimator that is the mean of a value of each episode. */
interface MeanEstimator extends Estimator {
    Scaled value(Episode episode);

    @Override
    default FirstSums sums() {
        return new MeanSums(this);
    }
}
