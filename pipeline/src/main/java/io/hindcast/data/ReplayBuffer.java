package io.hindcast.data;

import java.util.random.RandomGenerator;

/** Transitions in memory, as columns of floats, from which batches are drawn. */
public final class ReplayBuffer {
    private final Spaces spaces;
    private final int capacity;
    private final float[] observations;
    private final float[] nextObservations;
    private final float[] actions;
    private final int[] actionIndices;
    private final float[] rewards;
    private final float[] terminated;
    private int size;

    /** An empty buffer for {@code capacity} transitions. */
    public ReplayBuffer(Spaces spaces, int capacity) {
        this.spaces = spaces;
        this.capacity = capacity;
        var d = spaces.observationSize();
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        observations = new float[Math.multiplyExact(capacity, d)];
        nextObservations = new float[capacity * d];
        actions = new float
                [continuous ? Math.multiplyExact(capacity, spaces.actions().size()) : 0];
        actionIndices = new int[continuous ? 0 : capacity];
        rewards = new float[capacity];
        terminated = new float[capacity];
    }

    /** The problem the transitions come from. */
    public Spaces spaces() {
        return spaces;
    }

    /** How many transitions it holds. */
    public int size() {
        return size;
    }

    /**
     * Adds a transition; its arrays are copied.
     *
     * @throws IllegalStateException if the buffer is full
     */
    public void append(
            float[] observation, Action action, double reward, float[] nextObservation, TerminalFlag terminal) {
        if (size == capacity) {
            throw new IllegalStateException("Cannot append to a replay buffer of " + capacity + ": it is full");
        }
        var d = spaces.observationSize();
        System.arraycopy(observation, 0, observations, size * d, d);
        System.arraycopy(nextObservation, 0, nextObservations, size * d, d);
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            var values = ((Action.Vector) action).values();
            var n = space.dimension();
            for (var j = 0; j < n; j++) {
                actions[size * n + j] = space.toUnit(values[j]);
            }
        } else {
            actionIndices[size] = ((Action.Index) action).index();
        }
        rewards[size] = (float) reward;
        terminated[size] = terminal == TerminalFlag.STOPS_BOOTSTRAP ? 1 : 0;
        size++;
    }

    /** Fills {@code batch} with rows drawn uniformly, with replacement. */
    public void sample(RandomGenerator random, Batch batch) {
        for (var b = 0; b < batch.size(); b++) {
            copy(random.nextInt(size), batch, b);
        }
    }

    private void copy(int row, Batch batch, int b) {
        var d = spaces.observationSize();
        System.arraycopy(observations, row * d, batch.observations(), b * d, d);
        System.arraycopy(nextObservations, row * d, batch.nextObservations(), b * d, d);
        if (actionIndices.length > 0) {
            batch.actionIndices()[b] = actionIndices[row];
        } else {
            var n = spaces.actions().size();
            System.arraycopy(actions, row * n, batch.actions(), b * n, n);
        }
        batch.rewards()[b] = rewards[row];
        batch.terminated()[b] = terminated[row];
    }

    /** Whether a transition stops the bootstrap. */
    public enum TerminalFlag {
        /** The task ended: no value beyond this row. */
        STOPS_BOOTSTRAP,
        /** The episode goes on, or was only cut: the value of the next observation counts. */
        KEEPS_BOOTSTRAP
    }
}
