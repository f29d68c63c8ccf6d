package io.hindcast.collect;

/**
 * A grid of points in a plane of observations within [0, 1]: the centres of equal cells, {@value #SIDE} along each
 * side.
 */
public final class PlaneGrid {
    /** Cells along each of the two axes. */
    public static final int SIDE = 100;

    private PlaneGrid() {}

    /** Two numbers a place, {@code [SIDE * SIDE * 2]}; the second number changes fastest. */
    public static float[] observations() {
        var observations = new float[SIDE * SIDE * 2];
        for (var i = 0; i < SIDE; i++) {
            for (var j = 0; j < SIDE; j++) {
                observations[2 * (i * SIDE + j)] = (i + 0.5f) / SIDE;
                observations[2 * (i * SIDE + j) + 1] = (j + 0.5f) / SIDE;
            }
        }
        return observations;
    }
}
