package io.hindcast.source;

import java.util.Arrays;

/** A growing array of floats, filled again for every row. */
final class Floats {
    private float[] values = new float[16];
    private int size;

    void clear() {
        size = 0;
    }

    void add(double value) {
        reserve(1);
        values[size++] = (float) value;
    }

    /** Adds {@code count} times the same, and says where they begin. */
    int add(int count, double value) {
        reserve(count);
        Arrays.fill(values, size, size + count, (float) value);
        size += count;
        return size - count;
    }

    void set(int place, double value) {
        values[place] = (float) value;
    }

    void add(float[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, values, size, more.length);
        size += more.length;
    }

    float[] toArray() {
        return Arrays.copyOf(values, size);
    }

    private void reserve(int more) {
        if (size + more > values.length) {
            values = Arrays.copyOf(values, Math.max(2 * size, size + more));
        }
    }
}
