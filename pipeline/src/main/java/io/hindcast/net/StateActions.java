package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;

/** What a continuous critic takes in: (s, a), one above the other, a column a sample. */
public final class StateActions {
    private final int d;
    private final int n;
    private final Matrix matrix;
    private final float[] staging;

    /** Room for {@code size} samples. */
    public StateActions(Kernels kernels, Spaces spaces, int size) {
        d = spaces.observationSize();
        n = ((ActionSpace.Continuous) spaces.actions()).dimension();
        matrix = kernels.matrix(d + n, size);
        staging = new float[(d + n) * size];
    }

    /** {@code [observation size + action dimension, size]}. */
    public Matrix matrix() {
        return matrix;
    }

    /** Fills all samples, from observations {@code [size * d]} and actions {@code [size * n]}. */
    public void load(float[] observations, float[] actions) {
        for (var b = 0; b < matrix.columns(); b++) {
            put(b, observations, b, actions, b);
        }
        flush();
    }

    /** Sets sample {@code column} to observation {@code b} and action {@code k} of their arrays; see {@link #flush}. */
    public void put(int column, float[] observations, int b, float[] actions, int k) {
        System.arraycopy(observations, b * d, staging, column * (d + n), d);
        System.arraycopy(actions, k * n, staging, column * (d + n) + d, n);
    }

    /** Makes what was {@link #put} take effect. */
    public void flush() {
        matrix.write(staging, 0);
    }
}
