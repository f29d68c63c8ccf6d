package io.hindcast.run;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.env.Environment;
import java.util.Arrays;

/**
 * Steps in an environment as they happened, a row of floats each:
 * {@code observation | action | reward | next observation | terminated | truncated}; a discrete action is its index.
 */
final class Experience {
    private final int observationSize;
    private final int actionSize;
    private float[] rows = {};
    private int count;

    /** No steps yet. */
    Experience(Spaces spaces) {
        observationSize = spaces.observationSize();
        actionSize = spaces.actions() instanceof ActionSpace.Continuous space ? space.dimension() : 1;
    }

    /** Steps in the form that {@link #rows} gives. */
    Experience(Spaces spaces, float[] rows) {
        this(spaces);
        this.rows = rows;
        count = rows.length / width();
    }

    /** Hears of steps. */
    interface Visitor {
        /** One step: what was seen, done, and came of it. */
        void visit(float[] observation, Action action, Environment.Step step);
    }

    /** How many steps. */
    int count() {
        return count;
    }

    /** Floats a step. */
    int width() {
        return 2 * observationSize + actionSize + 3;
    }

    /** {@code [count * width]}. */
    float[] rows() {
        return Arrays.copyOf(rows, count * width());
    }

    void clear() {
        count = 0;
    }

    void add(float[] observation, Action action, Environment.Step step) {
        var at = count * width();
        if (at == rows.length) {
            rows = Arrays.copyOf(rows, Math.max(64 * width(), 2 * rows.length));
        }
        System.arraycopy(observation, 0, rows, at, observationSize);
        at += observationSize;
        if (action instanceof Action.Vector vector) {
            System.arraycopy(vector.values(), 0, rows, at, actionSize);
        } else {
            rows[at] = ((Action.Index) action).index();
        }
        at += actionSize;
        rows[at++] = (float) step.reward();
        System.arraycopy(step.observation(), 0, rows, at, observationSize);
        at += observationSize;
        rows[at++] = step.terminated() ? 1 : 0;
        rows[at] = step.truncated() ? 1 : 0;
        count++;
    }

    /** All steps in their order. */
    void forEach(Spaces spaces, Visitor visitor) {
        for (var row = 0; row < count; row++) {
            var at = row * width();
            var observation = Arrays.copyOfRange(rows, at, at + observationSize);
            at += observationSize;
            var action = spaces.actions() instanceof ActionSpace.Continuous
                    ? new Action.Vector(Arrays.copyOfRange(rows, at, at + actionSize))
                    : new Action.Index((int) rows[at]);
            at += actionSize;
            var reward = rows[at++];
            var next = Arrays.copyOfRange(rows, at, at + observationSize);
            at += observationSize;
            visitor.visit(observation, action, new Environment.Step(next, reward, rows[at] == 1, rows[at + 1] == 1));
        }
    }
}
