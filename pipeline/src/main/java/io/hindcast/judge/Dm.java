package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;

/**
 * The direct method: (1/n) sum_i v_i,0, what a model says of the first states. Its error tells how first states differ, and
 * nothing of how wrong the model is.
 */
public record Dm() implements MeanEstimator {
    @Override
    public String name() {
        return "dm";
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.MODEL);
    }

    @Override
    public String objection(int horizon) {
        return "its error knows nothing of how wrong the model is";
    }

    @Override
    public Scaled value(Episode episode) {
        return Scaled.of(episode.firstStateValue());
    }
}
