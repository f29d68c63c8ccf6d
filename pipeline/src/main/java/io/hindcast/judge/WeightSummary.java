package io.hindcast.judge;

import java.io.Serializable;
import java.util.Locale;
import java.util.Optional;

/**
 * What the weights of all episodes tell about estimates made with them.
 *
 * @param episodes how many have weights
 * @param effectiveSampleSize (sum w)^2 / (sum w^2) of the weights of whole episodes: as many episodes of the policy itself would tell
 *     about as much; NaN if all weights are 0
 * @param largestShare of the largest weight in the sum of them
 * @param mean the mean weight of each step, ended episodes with their last one, {@code [horizon]}; 1 is expected, less means that the
 *     policy does what is never logged
 * @param standardError of these means
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, not compared
public record WeightSummary(
        long episodes, double effectiveSampleSize, double largestShare, double[] mean, double[] standardError)
        implements Serializable {
    /** As many episodes as an interval needs that rests on many of them. */
    public static final int LEAST_SAMPLE_SIZE = 50;

    /** As many of a hundred episodes must tell something. */
    public static final double LEAST_SAMPLE_SHARE = 0.01;

    /** No episode may decide more of an estimate. */
    public static final double LARGEST_SHARE = 0.1;

    private static final double CHANCE_OF_THREE_ERRORS = 0.0027;

    /** What to say if all weights are 0; empty if one is not. */
    public Optional<String> never() {
        return effectiveSampleSize > 0 ? Optional.empty() : Optional.of("no logged episode does what the policy does");
    }

    /** Why no estimate by weights can be trusted, in words; empty if one may. */
    public Optional<String> objection() {
        var never = never();
        if (never.isPresent()) {
            return never;
        }
        if (effectiveSampleSize < leastSampleSize()) {
            return Optional.of(format(
                    "the effective sample size is %.1f of %d episodes; at least %.0f are needed",
                    effectiveSampleSize, episodes, leastSampleSize()));
        }
        if (largestShare > LARGEST_SHARE) {
            return Optional.of(format("one episode has %.0f %% of all weight", 100 * largestShare));
        }
        return doubt();
    }

    /** Why the probabilities that they are made of are wrong, or the policy does what is not logged; empty if nothing tells so. */
    public Optional<String> doubt() {
        // The more steps, the larger the largest of their deviations.
        var errors = mean.length == 0 ? 0 : Quantiles.normal(CHANCE_OF_THREE_ERRORS / mean.length);
        for (var t = 0; t < mean.length; t++) {
            if (Math.abs(mean[t] - 1) > errors * standardError[t] + 1e-9) {
                return Optional.of(format(
                        "the mean weight in step %d is %.3f, more than %.1f standard errors from 1: the policy does what is not"
                                + " logged, or the probabilities are wrong",
                        t, mean[t], errors));
            }
        }
        return Optional.empty();
    }

    /** The effective sample size that an estimate needs to be of use. */
    public double leastSampleSize() {
        return Math.max(LEAST_SAMPLE_SIZE, LEAST_SAMPLE_SHARE * episodes);
    }

    /**
     * An estimate of the share of the policy's episodes that do, in some step, what is never logged in that state: 0 to 1; NaN without
     * weights. Weights reach only what was logged: the mean of the last step is expected to be the chance that the policy stays
     * there to the end. It is as sure as that mean, see {@link #standardError}. Which actions could have been logged in a state no log
     * says, and so probabilities of the others cannot be added up instead.
     */
    public double massOutside() {
        return mean.length == 0 ? Double.NaN : Math.max(0, 1 - mean[mean.length - 1]);
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }
}
