package io.hindcast.judge;

/** The mean of a value of each episode; its standard deviation over the root of n is the error of the mean. */
final class MeanSums implements FirstSums {
    private final MeanEstimator estimator;
    private final Sums values = new Sums(1);
    private long episodes;

    MeanSums(MeanEstimator estimator) {
        this.estimator = estimator;
    }

    @Override
    public void add(Episode episode) {
        values.add(0, estimator.value(episode));
        episodes++;
    }

    @Override
    public void merge(FirstSums other) {
        values.merge(((MeanSums) other).values);
        episodes += ((MeanSums) other).episodes;
    }

    @Override
    public SecondSums second(Bootstrap bootstrap) {
        return new Second(this, bootstrap);
    }

    private static final class Second implements SecondSums {
        private final MeanEstimator estimator;
        private final long episodes;
        private final double mean;
        private final Spread spread = new Spread();
        private final FixedSums replicates;
        private final long[] drawn;

        Second(MeanSums first, Bootstrap bootstrap) {
            estimator = first.estimator;
            episodes = first.episodes;
            mean = first.values.of(0).toDouble() / episodes;
            replicates = new FixedSums(first.values, episodes, bootstrap.replicates());
            drawn = new long[bootstrap.replicates()];
        }

        @Override
        public double add(Episode episode, long[] counts) {
            var value = estimator.value(episode);
            var influence = value.toDouble() - mean;
            spread.add(influence);
            replicates.add(0, value.x(), value.exponent());
            replicates.end(counts);
            for (var r = 0; r < counts.length; r++) {
                drawn[r] += counts[r];
            }
            return influence;
        }

        @Override
        public void merge(SecondSums other) {
            var second = (Second) other;
            spread.merge(second.spread);
            replicates.merge(second.replicates);
            for (var r = 0; r < drawn.length; r++) {
                drawn[r] += second.drawn[r];
            }
        }

        @Override
        public double influence(Episode episode) {
            return estimator.value(episode).toDouble() - mean;
        }

        @Override
        public Estimate estimate(double confidence) {
            var values = new double[drawn.length];
            for (var r = 0; r < values.length; r++) {
                values[r] = replicates.of(0, r).toDouble() / drawn[r];
            }
            var error = Math.sqrt(spread.sumOfSquares() / ((double) episodes * (episodes - 1)));
            return Estimate.of(
                    estimator.name(),
                    episodes,
                    mean,
                    error,
                    spread.skewness(),
                    confidence,
                    Quantiles.middle(values, confidence));
        }
    }
}
