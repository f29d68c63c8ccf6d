package io.hindcast.run;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.Scaler;
import io.hindcast.learn.ValueLearner;
import java.util.Optional;

/** The values of a policy, as a run has learned them; it takes steps as they were logged. For one thread. */
public final class LearnedValues {
    private final ValueLearner learner;
    private final Optional<Scaler> scaler;
    private final float limit;

    LearnedValues(ValueLearner learner, Optional<Scaler> scaler, double limit) {
        this.learner = learner;
        this.scaler = scaler;
        this.limit = (float) limit;
    }

    /**
     * What the policy earns from some steps on; overwritten by the next call.
     *
     * @param batch as many rows as were said; it stays as it is
     * @param noise what actions are drawn with, where the policy draws some
     */
    public ValueLearner.Values of(Batch batch, Noise noise) {
        return learner.values(seen(batch), noise);
    }

    /** What it earns from their next states on, {@code [rows]}, likewise. */
    public float[] afterwards(Batch batch, Noise noise) {
        return learner.nextStateValues(seen(batch), noise);
    }

    /** As the learner sees them. */
    private Batch seen(Batch batch) {
        var rows = batch.copy();
        scaler.ifPresent(scale -> {
            scale.scale(rows.observations(), 0, scale.size(), rows.size());
            scale.scale(rows.nextObservations(), 0, scale.size(), rows.size());
        });
        var actions = rows.actions();
        for (var i = 0; i < actions.length; i++) {
            actions[i] = Math.max(-limit, Math.min(limit, actions[i]));
        }
        return rows;
    }
}
