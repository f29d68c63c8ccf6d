package io.hindcast.judge;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The second of two passes over the episodes: the errors of the values of the first pass. It merges as {@link
 * FirstPass} does; parts must be of the same first pass.
 */
public final class SecondPass implements Serializable {
    private final List<Estimator> estimators;
    private final List<Set<Need>> needs;
    private final List<SecondSums> sums;
    private final Bootstrap bootstrap;
    private final int horizon;
    private final @Nullable String objection;

    /**
     * The state of no episodes.
     *
     * @param horizon the steps of the longest episode with weights
     * @param objection to weights
     */
    SecondPass(
            List<Estimator> estimators,
            List<SecondSums> sums,
            Bootstrap bootstrap,
            int horizon,
            @Nullable String objection) {
        this.estimators = estimators;
        needs = estimators.stream().map(Estimator::needs).toList();
        this.sums = new ArrayList<>(sums);
        this.bootstrap = bootstrap;
        this.horizon = horizon;
        this.objection = objection;
    }

    /** Adds an episode of the first pass. */
    public SecondPass add(Episode episode) {
        add(episode, bootstrap.counts(episode.id()));
        return this;
    }

    /**
     * Adds an episode of the first pass.
     *
     * @param counts how often each replicate of the bootstrap draws it; kept, and the same for every policy
     * @return its influence on each estimate, {@code [estimators]}; NaN for one that leaves it out, and for {@link Magic}, whose mixture
     *     is known only when all episodes are
     */
    public double[] add(Episode episode, long[] counts) {
        var influences = new double[sums.size()];
        for (var i = 0; i < influences.length; i++) {
            influences[i] = episode.lacks(needs.get(i)).isEmpty() ? sums.get(i).add(episode, counts) : Double.NaN;
        }
        return influences;
    }

    /** Adds what another state has seen. */
    public SecondPass merge(SecondPass other) {
        if (!estimators.equals(other.estimators)) {
            throw new IllegalArgumentException(
                    "Cannot merge the sums of " + estimators + " with those of " + other.estimators);
        }
        for (var i = 0; i < sums.size(); i++) {
            sums.get(i).merge(other.sums.get(i));
        }
        return this;
    }

    /**
     * How much the estimate of the i-th estimator moves with an episode: the value is a sum, and this the episode's part of it, less
     * its mean. Differences of estimates on the same episodes have the difference of these; NaN for an episode that is left out. Of
     * the mixture of {@link Magic} as of the episodes added so far.
     */
    double influence(int estimator, Episode episode) {
        return episode.lacks(needs.get(estimator)).isEmpty()
                ? sums.get(estimator).influence(episode)
                : Double.NaN;
    }

    /**
     * What each estimator says.
     *
     * @param confidence of the intervals, 0 to 1
     */
    public List<Estimate> estimates(double confidence) {
        var estimates = new ArrayList<Estimate>();
        for (var i = 0; i < sums.size(); i++) {
            var isWeighted = estimators.get(i).needs().contains(Need.WEIGHTS);
            estimates.add(sums.get(i)
                    .estimate(confidence)
                    .unless(estimators.get(i).objection(horizon))
                    .unless(isWeighted ? objection : null));
        }
        return estimates;
    }
}
