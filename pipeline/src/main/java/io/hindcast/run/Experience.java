package io.hindcast.run;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.Spaces;
import io.hindcast.env.Environment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Steps in an environment as they happened, a row of floats each:
 * {@code observation | action | reward | next observation | terminated | truncated}; a discrete action is its index. Where the
 * environment has said which actions are possible, each row goes on with a 1 or a 0 for each before the step, and after it.
 */
final class Experience {
    private final int observationSize;
    private final int actionSize;
    /** How many discrete actions there are. */
    private final int actions;

    private boolean hasMasks;
    private float[] rows = {};
    private int count;

    /** No steps yet. */
    Experience(Spaces spaces) {
        observationSize = spaces.observationSize();
        actionSize = spaces.actions() instanceof ActionSpace.Continuous space ? space.dimension() : 1;
        actions = spaces.actions() instanceof ActionSpace.Discrete space ? space.count() : 0;
    }

    /** Steps in the form that {@link #rows} gives, {@code width} numbers each. */
    Experience(Spaces spaces, float[] rows, int width) {
        this(spaces);
        this.rows = rows;
        hasMasks = width > width();
        count = rows.length / width();
    }

    /** Hears of steps. */
    interface Visitor {
        /** One step: what was seen, done, and came of it, and what was possible before and after it. */
        void visit(float[] observation, Action action, Environment.Step step, Possible possible);
    }

    /** How many steps. */
    int count() {
        return count;
    }

    /** Floats a step. */
    int width() {
        return 2 * observationSize + actionSize + 3 + (hasMasks ? 2 * actions : 0);
    }

    /** {@code [count * width]}. */
    float[] rows() {
        return Arrays.copyOf(rows, count * width());
    }

    void clear() {
        count = 0;
        hasMasks = false;
    }

    void add(float[] observation, Action action, Environment.Step step, Possible possible) {
        if (!hasMasks && (possible.here() != null || possible.next() != null)) {
            widen();
        }
        var at = count * width();
        if (at + width() > rows.length) {
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
        rows[at++] = step.truncated() ? 1 : 0;
        if (hasMasks) {
            write(possible.here(), at);
            write(possible.next(), at + actions);
        }
        count++;
    }

    /** Makes room for masks; so far everything was possible. */
    private void widen() {
        var narrow = width();
        hasMasks = true;
        var wide = new float[count * width()];
        for (var row = 0; row < count; row++) {
            System.arraycopy(rows, row * narrow, wide, row * width(), narrow);
            Arrays.fill(wide, row * width() + narrow, (row + 1) * width(), 1);
        }
        rows = wide;
    }

    private void write(boolean @Nullable [] mask, int at) {
        for (var k = 0; k < actions; k++) {
            rows[at + k] = mask == null || mask[k] ? 1 : 0;
        }
    }

    private boolean[] mask(int at) {
        var mask = new boolean[actions];
        for (var k = 0; k < actions; k++) {
            mask[k] = rows[at + k] == 1;
        }
        return mask;
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
            var step = new Environment.Step(next, reward, rows[at] == 1, rows[at + 1] == 1);
            visitor.visit(
                    observation,
                    action,
                    step,
                    hasMasks ? new Possible(mask(at + 2), mask(at + 2 + actions)) : Possible.ALL);
        }
    }
}
