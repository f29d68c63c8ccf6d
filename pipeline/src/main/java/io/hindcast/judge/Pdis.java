package io.hindcast.judge;

import java.util.Set;

/**
 * Per-decision importance sampling: (1/n) sum_i sum_t w_i,t D_i,t r_i,t. A reward is weighted by what was done until then only.
 *
 * <p>Precup, Sutton and Singh (2000), "Eligibility traces for off-policy policy evaluation".
 *
 * @param tail whether w_i,T-1 D_i,T v_i,T is added where the task went on after the log
 */
public record Pdis(Tail tail) implements MeanEstimator {
    @Override
    public String name() {
        return "pdis";
    }

    @Override
    public Set<Need> needs() {
        return tail.needs();
    }

    @Override
    public Scaled value(Episode episode) {
        return episode.weights().sum(episode.discountedRewards(tail));
    }
}
