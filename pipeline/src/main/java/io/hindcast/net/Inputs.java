package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import org.jspecify.annotations.Nullable;

/** A batch where the kernels work: what networks take in, shared by all of a learner's passes. */
public final class Inputs {
    private final States states;
    private final States nextStates;
    private final @Nullable StateActions stateActions;

    /** Room for batches of {@code size} rows. */
    public Inputs(Kernels kernels, Spaces spaces, int size) {
        states = new States(kernels.matrix(spaces.observationSize(), size));
        nextStates = new States(kernels.matrix(spaces.observationSize(), size));
        stateActions =
                spaces.actions() instanceof ActionSpace.Continuous ? new StateActions(kernels, spaces, size) : null;
    }

    /** Copies a batch in. */
    public void load(Batch batch) {
        states.observations().write(batch.observations(), 0);
        states.setPossible(batch.possible(Field.ACTION_MASK));
        nextStates.observations().write(batch.nextObservations(), 0);
        nextStates.setPossible(batch.possible(Field.NEXT_ACTION_MASK));
        if (stateActions != null) {
            stateActions.load(batch.observations(), batch.actions());
        }
    }

    /** s, and what is possible there. */
    public States states() {
        return states;
    }

    /** s', and what is possible there. */
    public States nextStates() {
        return nextStates;
    }

    /** s, {@code [observation size, B]}. */
    public Matrix observations() {
        return states.observations();
    }

    /** s', {@code [observation size, B]}. */
    public Matrix nextObservations() {
        return nextStates.observations();
    }

    /** What a critic takes in: (s, a) one above the other, or s alone where actions are discrete. */
    public Matrix stateActions() {
        return stateActions == null ? observations() : stateActions.matrix();
    }
}
