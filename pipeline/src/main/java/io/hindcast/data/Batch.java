package io.hindcast.data;

import io.hindcast.data.RowLayout.Field;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Transitions as columns, allocated once and refilled. Row b of an array of vectors begins at {@code b * size}. The accessors
 * hand out the arrays themselves.
 */
public final class Batch {
    private final RowLayout layout;
    private final Spaces spaces;
    private final int size;
    private final float[] observations;
    private final float[] nextObservations;
    private final float[] actions;
    private final int[] actionIndices;
    private final float[] rewards;
    private final float[] stopsBootstrap;
    private final float[] steps;
    private final List<Field> optional;
    private final Map<Field, float[]> values = new EnumMap<>(Field.class);
    private final Map<Field, boolean[]> possible = new EnumMap<>(Field.class);

    /** Which rows of a replay buffer the batch was filled with. */
    final int[] drawn;

    /** Keeps the compiler from leaving out reads that only warm the cache. */
    @SuppressWarnings("UnusedVariable")
    float touched;

    /** A batch of {@code size} rows without optional fields. */
    public Batch(Spaces spaces, int size) {
        this(RowLayout.of(spaces), size);
    }

    /** A batch of {@code size} rows; where an action mask is not known, all actions are possible. */
    public Batch(RowLayout layout, int size) {
        this.layout = layout;
        this.spaces = layout.spaces();
        this.size = size;
        optional = layout.optional().stream().sorted().toList();
        for (var field : optional) {
            var width = layout.width(field);
            var column = new float[size * width];
            for (var b = 0; b < size; b++) {
                layout.writeUnknown(field, column, b * width);
            }
            values.put(field, column);
            if (isMask(field)) {
                possible.put(field, new boolean[size * spaces.actions().size()]);
            }
        }
        observations = new float[size * spaces.observationSize()];
        nextObservations = new float[size * spaces.observationSize()];
        rewards = new float[size];
        stopsBootstrap = new float[size];
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

    /**
     * {@code [B]}, 1 where the value of the next observation does not count: where the task ended, and in truncated rows where the
     * run says so; 0 elsewhere.
     */
    public float[] stopsBootstrap() {
        return stopsBootstrap;
    }

    /** {@code [B]}, how much time lies between observation and next observation: 1 step, more for n-step returns, or as logged. */
    public float[] steps() {
        return steps;
    }

    /** The same rows in arrays of their own. */
    public Batch copy() {
        var copy = new Batch(layout, size);
        System.arraycopy(observations, 0, copy.observations, 0, observations.length);
        System.arraycopy(nextObservations, 0, copy.nextObservations, 0, nextObservations.length);
        System.arraycopy(actions, 0, copy.actions, 0, actions.length);
        System.arraycopy(actionIndices, 0, copy.actionIndices, 0, actionIndices.length);
        System.arraycopy(rewards, 0, copy.rewards, 0, size);
        System.arraycopy(stopsBootstrap, 0, copy.stopsBootstrap, 0, size);
        System.arraycopy(steps, 0, copy.steps, 0, size);
        optional.forEach(field -> {
            var column = values(field);
            System.arraycopy(column, 0, copy.values(field), 0, column.length);
        });
        return copy;
    }

    /** The optional fields that its rows have, in the order of {@link Field}. */
    List<Field> optional() {
        return optional;
    }

    /**
     * An optional field as it stands in rows, {@code [B * width]}.
     *
     * @throws IllegalArgumentException if its rows have no such field
     */
    public float[] values(Field field) {
        var column = values.get(field);
        if (column == null) {
            throw new IllegalArgumentException("Cannot find " + field + " in a batch: its rows have " + optional);
        }
        return column;
    }

    /** Says which actions are possible in row {@code b}, {@code [count]}; {@code field} is one of the two masks. */
    public void setPossible(Field field, int b, boolean[] flags) {
        RowLayout.writeMask(flags, 0, flags.length, values(field), b * layout.width(field));
    }

    /**
     * Which actions are possible, {@code [B * count]}; null if all are, in every row. Overwritten by the next call.
     *
     * @param field one of the two masks
     */
    public boolean @Nullable [] possible(Field field) {
        var flags = possible.get(field);
        if (flags == null) {
            return null;
        }
        var count = spaces.actions().size();
        var column = values(field);
        var width = layout.width(field);
        for (var b = 0; b < size; b++) {
            RowLayout.readMask(column, b * width, count, flags, b * count);
        }
        for (var flag : flags) {
            if (!flag) {
                return flags;
            }
        }
        return null;
    }

    private static boolean isMask(Field field) {
        return field == Field.ACTION_MASK || field == Field.NEXT_ACTION_MASK;
    }
}
