package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Weighted importance sampling: sum_i w_i,T-1 G_i / sum_i w_i,T-1. A little bias, much less variance than {@link Is}. For
 * episodes of one step this is self-normalised inverse propensity scoring (SNIPS).
 *
 * <p>Precup, Sutton and Singh (2000), "Eligibility traces for off-policy policy evaluation".
 */
public record Wis() implements RatioEstimator {
    @Override
    public String name() {
        return "wis";
    }

    @Override
    public @Nullable String objection(int horizon) {
        return horizon > 1
                ? "few logs show how large weights of whole episodes can be; wpdis has those until each reward"
                : null;
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.WEIGHTS, Need.REWARDS);
    }

    @Override
    public double start(Episode episode) {
        return 0;
    }

    @Override
    public Weights weights(Episode episode) {
        return episode.weights().lastOnly();
    }

    @Override
    public double[] terms(Episode episode) {
        return new double[] {episode.discountedReturn()};
    }
}
