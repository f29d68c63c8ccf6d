package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Importance sampling: (1/n) sum_i w_i,T-1 G_i. Without bias where the policy does only what is logged at times. For episodes of
 * one step this is inverse propensity scoring (IPS).
 *
 * <p>Precup, Sutton and Singh (2000), "Eligibility traces for off-policy policy evaluation".
 */
public record Is() implements MeanEstimator {
    @Override
    public String name() {
        return "is";
    }

    @Override
    public @Nullable String objection(int horizon) {
        return horizon > 1
                ? "few logs show how large weights of whole episodes can be; pdis has those until each reward"
                : null;
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.WEIGHTS, Need.REWARDS);
    }

    @Override
    public Scaled value(Episode episode) {
        return episode.weights().last().times(episode.discountedReturn());
    }
}
