package io.hindcast.net;

import io.hindcast.kernel.Matrix;
import org.jspecify.annotations.Nullable;

/** States as a policy is shown them: the observations where kernels work, and which discrete actions are possible there. */
public final class States {
    private final Matrix observations;
    private boolean @Nullable [] possible;

    /** The states of {@code observations}, {@code [observation size, B]}; every action is possible. */
    public States(Matrix observations) {
        this.observations = observations;
    }

    /** {@code [observation size, B]}. */
    public Matrix observations() {
        return observations;
    }

    /** Which actions are possible, {@code [B * count]}, at least one in each row; null: all. */
    public boolean @Nullable [] possible() {
        return possible;
    }

    /** Says which actions are possible from now on, as {@link #possible}; the array is kept. */
    public void setPossible(boolean @Nullable [] mask) {
        possible = mask;
    }
}
