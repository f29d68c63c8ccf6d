package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;

/** A learner of the values of a given policy, which can be asked for them. */
public interface ValueLearner extends Learner {
    /**
     * What the policy earns from rows on, as it is learned now; overwritten by the next call.
     *
     * @param actionValues Q(s, a) after what was done, {@code [B]}
     * @param stateValues V(s), {@code [B]}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Values(float[] actionValues, float[] stateValues) {}

    /**
     * The values of some rows.
     *
     * @param batch as many rows as the learner was made for, as it learns from them
     * @param noise what actions are drawn with, where the policy draws some
     */
    Values values(Batch batch, Noise noise);

    /** V(s') of such rows, whether or not the task ended there, {@code [B]}; overwritten by the next call. */
    float[] nextStateValues(Batch batch, Noise noise);
}
