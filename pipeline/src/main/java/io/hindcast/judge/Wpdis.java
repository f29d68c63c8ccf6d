package io.hindcast.judge;

import java.util.Set;

/**
 * Weighted (or consistent weighted) per-decision importance sampling: sum_t [sum_i w_i,t D_i,t r_i,t] / [sum_i w_i,t]. Episodes
 * that ended stay in the denominator; without them this would be the reward of those who live.
 *
 * <p>Thomas (2015), "Safe reinforcement learning", section 3.10.
 *
 * @param tail whether D_i,T v_i,T is added to the last reward where the task went on after the log
 */
public record Wpdis(Tail tail) implements RatioEstimator {
    @Override
    public String name() {
        return "wpdis";
    }

    @Override
    public Set<Need> needs() {
        return tail.needs();
    }

    @Override
    public double start(Episode episode) {
        return 0;
    }

    @Override
    public Weights weights(Episode episode) {
        return episode.weights();
    }

    @Override
    public double[] terms(Episode episode) {
        return episode.discountedRewards(tail);
    }
}
