package io.hindcast.source;

import java.util.Arrays;

/** A growing array of floats. */
final class Floats {
    private float[] values;
    private int size;

    Floats(int capacity) {
        values = new float[capacity];
    }

    void add(double value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = (float) value;
    }

    float[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
