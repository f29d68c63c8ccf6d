package io.hindcast.score;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.Arrays;

/**
 * States in which a policy decides, and what it decides there: arrays, allocated once and refilled. Row b of an array of vectors begins
 * at {@code b * size}. NaN stands for what is not told.
 */
public final class Decisions {
    private final int size;
    private final float[] observations;
    private final boolean[] possible;
    private final long[] keys;
    private final int[] loggedIndices;
    private final float[] loggedActions;
    private final int[] indices;
    private final float[] actions;
    private final double[] logs;
    private final double[] loggedLogs;
    private final double[] probabilities;
    private final double[] means;
    private final double[] deviations;
    private final float[] actionValues;
    private final float[] stateValues;

    /** Room for {@code size} states; every action is possible. */
    public Decisions(Spaces spaces, int size) {
        this.size = size;
        var actionSize = spaces.actions().size();
        var isDiscrete = spaces.actions() instanceof ActionSpace.Discrete;
        var discrete = isDiscrete ? size : 0;
        var continuous = isDiscrete ? 0 : size;
        observations = new float[size * spaces.observationSize()];
        keys = new long[size];
        possible = new boolean[discrete * actionSize];
        Arrays.fill(possible, true);
        loggedIndices = new int[discrete];
        Arrays.fill(loggedIndices, -1);
        loggedActions = new float[continuous * actionSize];
        Arrays.fill(loggedActions, Float.NaN);
        indices = new int[discrete];
        probabilities = new double[discrete * actionSize];
        actions = new float[continuous * actionSize];
        means = new double[continuous * actionSize];
        deviations = new double[continuous * actionSize];
        logs = new double[size];
        loggedLogs = new double[size];
        actionValues = new float[size];
        stateValues = new float[size];
    }

    /** How many states there is room for. */
    public int size() {
        return size;
    }

    /** To be filled: {@code [size * observation size]}, finite. */
    public float[] observations() {
        return observations;
    }

    /** To be filled: which discrete actions are possible, {@code [size * count]}, at least one in each row. */
    public boolean[] possible() {
        return possible;
    }

    /** To be filled: what chance is drawn by, {@code [size]}. States of one key meet the same chance. */
    public long[] keys() {
        return keys;
    }

    /** To be filled: the discrete action that was logged, {@code [size]}; -1: none was. */
    public int[] loggedIndices() {
        return loggedIndices;
    }

    /** To be filled: the vector that was logged, {@code [size * dimension]} within [-1, 1]; NaN: none was. */
    public float[] loggedActions() {
        return loggedActions;
    }

    /** The discrete action that is chosen, {@code [size]}. */
    public int[] indices() {
        return indices;
    }

    /** The vector that is chosen, {@code [size * dimension]}, in the units of the environment. */
    public float[] actions() {
        return actions;
    }

    /**
     * How likely it was to be chosen, {@code [size]}: the natural logarithm of a probability, or of a density in the units of the
     * environment. NaN where it has none: vectors that are always the same.
     */
    public double[] logs() {
        return logs;
    }

    /** The same of what was logged, {@code [size]}; -infinity where it is never chosen. */
    public double[] loggedLogs() {
        return loggedLogs;
    }

    /** How likely each discrete action is, {@code [size * count]}. */
    public double[] probabilities() {
        return probabilities;
    }

    /**
     * The means of the normal numbers that vectors are made from, {@code [size * dimension]}, as the policy sees actions: within [-1, 1]
     * after they are cut or squashed. NaN if it draws none.
     */
    public double[] means() {
        return means;
    }

    /** Their standard deviations, {@code [size * dimension]}. */
    public double[] deviations() {
        return deviations;
    }

    /** What critics think of what is chosen, {@code [size]}. */
    public float[] actionValues() {
        return actionValues;
    }

    /** What states are worth, {@code [size]}. */
    public float[] stateValues() {
        return stateValues;
    }
}
