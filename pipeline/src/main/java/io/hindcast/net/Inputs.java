package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import org.jspecify.annotations.Nullable;

/** A batch where the kernels work: what networks take in, shared by all of a learner's passes. */
public final class Inputs {
    private final Matrix observations;
    private final Matrix nextObservations;
    private final @Nullable StateActions stateActions;

    /** Room for batches of {@code size} rows. */
    public Inputs(Kernels kernels, Spaces spaces, int size) {
        observations = kernels.matrix(spaces.observationSize(), size);
        nextObservations = kernels.matrix(spaces.observationSize(), size);
        stateActions =
                spaces.actions() instanceof ActionSpace.Continuous ? new StateActions(kernels, spaces, size) : null;
    }

    /** Copies a batch in. */
    public void load(Batch batch) {
        observations.write(batch.observations(), 0);
        nextObservations.write(batch.nextObservations(), 0);
        if (stateActions != null) {
            stateActions.load(batch.observations(), batch.actions());
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
        return stateActions == null ? observations : stateActions.matrix();
    }
}
