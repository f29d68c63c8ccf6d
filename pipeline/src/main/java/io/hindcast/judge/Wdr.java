package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;

/**
 * Weighted doubly robust: (1/n) sum_i v_i,0 + sum_t [sum_i w_i,t D_i,t delta_i,t] / [sum_i w_i,t], with delta as in {@link Dr}
 * and 0 after the end, and ended episodes in the denominator.
 *
 * <p>Thomas and Brunskill (2016), "Data-efficient off-policy policy evaluation for reinforcement learning", equation 1.
 */
public record Wdr() implements RatioEstimator {
    @Override
    public String name() {
        return "wdr";
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.WEIGHTS, Need.REWARDS, Need.MODEL);
    }

    @Override
    public double start(Episode episode) {
        return episode.firstStateValue();
    }

    @Override
    public Weights weights(Episode episode) {
        return episode.weights();
    }

    @Override
    public double[] terms(Episode episode) {
        return episode.discountedErrors();
    }
}
