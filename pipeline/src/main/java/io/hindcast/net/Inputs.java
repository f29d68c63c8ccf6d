package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;

/** A batch where the kernels work: what networks take in, shared by all of a learner's passes. */
public final class Inputs {
    private final Matrix observations;
    private final Matrix nextObservations;
    private final Matrix stateActions;
    private final float[] staging;

    /** Room for batches of {@code size} rows. */
    public Inputs(Kernels kernels, Spaces spaces, int size) {
        var d = spaces.observationSize();
        observations = kernels.matrix(d, size);
        nextObservations = kernels.matrix(d, size);
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        staging = new float[continuous ? size * (d + spaces.actions().size()) : 0];
        stateActions = continuous ? kernels.matrix(d + spaces.actions().size(), size) : observations;
    }

    /** Copies a batch in. */
    public void load(Batch batch) {
        observations.write(batch.observations(), 0);
        nextObservations.write(batch.nextObservations(), 0);
        if (staging.length > 0) {
            var d = observations.rows();
            var n = stateActions.rows() - d;
            for (var b = 0; b < batch.size(); b++) {
                System.arraycopy(batch.observations(), b * d, staging, b * (d + n), d);
                System.arraycopy(batch.actions(), b * n, staging, b * (d + n) + d, n);
            }
            stateActions.write(staging, 0);
        }
    }

    /** s, {@code [observation size, B]}. */
    public Matrix observations() {
        return observations;
    }

    /** s', {@code [observation size, B]}. */
    public Matrix nextObservations() {
        return nextObservations;
    }

    /** What a critic takes in: (s, a) one above the other, or s alone where actions are discrete. */
    public Matrix stateActions() {
        return stateActions;
    }
}
