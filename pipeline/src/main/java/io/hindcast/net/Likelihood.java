package io.hindcast.net;

import io.hindcast.data.Batch;

/**
 * The likelihood of given actions under a policy. What has none is a policy without chance: greedy, or deterministic.
 */
public interface Likelihood {
    /**
     * log pi(a|s) of the batch's actions, {@code [B]}, overwritten by the next call; of vectors the density over {@code [-1, 1]}, as
     * policies see them. The states are those that the policy was shown last.
     */
    float[] logProbability(Batch batch);
}
