package io.hindcast.data;

import java.util.Arrays;

/**
 * Transitions as columns, allocated once and refilled. Row b of an array of vectors begins at {@code b * size}. The accessors
 * hand out the arrays themselves.
 */
public final class Batch {
    private final Spaces spaces;
    private final int size;
    private final float[] observations;
    private final float[] nextObservations;
    private final float[] actions;
    private final int[] actionIndices;
    private final float[] rewards;
    private final float[] terminated;
    private final float[] steps;

    /** Which rows of a replay buffer the batch was filled with. */
    final int[] drawn;

    /** Keeps the compiler from leaving out reads that only warm the cache. */
    @SuppressWarnings("UnusedVariable")
    float touched;

    /** A batch of {@code size} rows. */
    public Batch(Spaces spaces, int size) {
        this.spaces = spaces;
        this.size = size;
        observations = new float[size * spaces.observationSize()];
        nextObservations = new float[size * spaces.observationSize()];
        rewards = new float[size];
        terminated = new float[size];
        steps = new float[size];
        Arrays.fill(steps, 1);
        drawn = new int[size];
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        actions = new float[continuous ? size * spaces.actions().size() : 0];
        actionIndices = new int[continuous ? 0 : size];
    }

    /** The problem the rows come from. */
    public Spaces spaces() {
        return spaces;
    }

    /** How many rows. */
    public int size() {
        return size;
    }

    /** {@code [B * observation size]}. */
    public float[] observations() {
        return observations;
    }

    /** {@code [B * observation size]}. */
    public float[] nextObservations() {
        return nextObservations;
    }

    /** {@code [B * dimension]} within [-1, 1]; empty where actions are discrete. */
    public float[] actions() {
        return actions;
    }

    /** {@code [B]}; empty where actions are continuous. */
    public int[] actionIndices() {
        return actionIndices;
    }

    /** {@code [B]}. */
    public float[] rewards() {
        return rewards;
    }

    /** {@code [B]}, 1 where the bootstrap stops and 0 elsewhere, truncated rows included. */
    public float[] terminated() {
        return terminated;
    }

    /** {@code [B]}, how much time lies between observation and next observation: 1 step, more for n-step returns, or as logged. */
    public float[] steps() {
        return steps;
    }
}
