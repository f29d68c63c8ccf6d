package io.hindcast.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a row of training data, and their positions in it. Every row has the fields from {@link
 * Field#OBSERVATION} to {@link Field#DURATION}; behind them stand the optional ones it has, in the order of {@link
 * Field}.
 *
 * @param spaces the problem the rows come from
 * @param optional what a row has besides
 */
public record RowLayout(Spaces spaces, Set<Field> optional) implements Serializable {
    /** How many flags stand in a float: whole numbers up to 2^24 are exact. */
    private static final int FLAGS = 24;

    /** Each number of a field by its own is a float; vectors are as long as spaces say. */
    public enum Field {
        /** What was seen before the action. */
        OBSERVATION,
        /** Real numbers within [-1, 1], or an index as the bits of an int. */
        ACTION,
        REWARD,
        /** What was seen after the action. */
        NEXT_OBSERVATION,
        /** 1 where the value of the next observation does not count, see {@link ReplayBuffer.TerminalFlag}. */
        STOPS_BOOTSTRAP,
        /** How much time lies between the two observations: 1 step, more for n-step returns, or as logged. */
        DURATION,

        /** Which discrete actions were possible, a bit each; unknown: all. */
        ACTION_MASK,
        /** Which are possible where the value of the next observation counts; unknown: all. */
        NEXT_ACTION_MASK,
        /** What was done next, as {@link #ACTION}. */
        NEXT_ACTION,
        /** 1 where {@link #NEXT_ACTION} is known; elsewhere that is 0. */
        NEXT_ACTION_KNOWN,
        /** Natural logarithm of the probability of the action, a double as the sum of three floats, the first the nearest. */
        BEHAVIOUR_LOG_PROB,
        /**
         * The discounted sum of this and all later rewards of the episode, as they are made ready and as far as they are known;
         * unknown: NaN.
         */
        RETURN_TO_GO;

        /** Those that every row has. */
        static final Set<Field> ALWAYS = EnumSet.range(OBSERVATION, DURATION);

        /** Whether it speaks of the state whose value a target adds: of several rows folded into one, the last has it. */
        boolean isOfNextState() {
            return this == NEXT_ACTION_MASK || this == NEXT_ACTION || this == NEXT_ACTION_KNOWN;
        }
    }

    /**
     * The optional fields are copied.
     *
     * @throws IllegalArgumentException if one is no optional one, or of discrete actions where these are not
     */
    public RowLayout {
        var fields = EnumSet.noneOf(Field.class);
        fields.addAll(optional);
        var isDiscrete = spaces.actions() instanceof ActionSpace.Discrete;
        if (fields.stream().anyMatch(Field.ALWAYS::contains)
                || (!isDiscrete && (fields.contains(Field.ACTION_MASK) || fields.contains(Field.NEXT_ACTION_MASK)))) {
            throw new IllegalArgumentException("Cannot lay out rows of " + spaces + " with " + fields);
        }
        optional = Set.copyOf(fields);
    }

    /** Rows of the fields that every row has. */
    public static RowLayout of(Spaces spaces) {
        return new RowLayout(spaces, Set.of());
    }

    /** The same with more fields; those it has already stay. */
    public RowLayout with(Set<Field> more) {
        return new RowLayout(
                spaces, Stream.concat(optional.stream(), more.stream()).collect(Collectors.toSet()));
    }

    /** Whether a row has a field. */
    public boolean has(Field field) {
        return Field.ALWAYS.contains(field) || optional.contains(field);
    }

    /** How many floats a field takes. */
    public int width(Field field) {
        var count = spaces.actions().size();
        return switch (field) {
            case OBSERVATION, NEXT_OBSERVATION -> spaces.observationSize();
            case ACTION, NEXT_ACTION -> spaces.actions() instanceof ActionSpace.Continuous ? count : 1;
            case ACTION_MASK, NEXT_ACTION_MASK -> maskWidth(count);
            case BEHAVIOUR_LOG_PROB -> 3;
            case REWARD, STOPS_BOOTSTRAP, DURATION, NEXT_ACTION_KNOWN, RETURN_TO_GO -> 1;
        };
    }

    /**
     * Where a field begins in a row.
     *
     * @throws IllegalArgumentException if a row has no such field
     */
    public int offset(Field field) {
        if (!has(field)) {
            throw new IllegalArgumentException("Cannot find " + field + " in a row: it has " + optional + " only");
        }
        return Arrays.stream(Field.values())
                .filter(before -> before.compareTo(field) < 0 && has(before))
                .mapToInt(this::width)
                .sum();
    }

    /** How many floats a row has. */
    public int stride() {
        return Arrays.stream(Field.values())
                .filter(this::has)
                .mapToInt(this::width)
                .sum();
    }

    /** How many floats hold the mask of so many actions. */
    static int maskWidth(int count) {
        return (count + FLAGS - 1) / FLAGS;
    }

    /** Writes which of {@code count} actions are possible, from {@code from} of {@code flags} on; null: all are. */
    static void writeMask(boolean @Nullable [] flags, int from, int count, float[] row, int at) {
        for (var part = 0; part * FLAGS < count; part++) {
            var bits = 0;
            for (var k = part * FLAGS; k < Math.min(count, (part + 1) * FLAGS); k++) {
                bits |= flags == null || flags[from + k] ? 1 << (k - part * FLAGS) : 0;
            }
            row[at + part] = bits;
        }
    }

    /** What {@link #writeMask} wrote. */
    static void readMask(float[] row, int at, int count, boolean[] flags, int to) {
        for (var k = 0; k < count; k++) {
            flags[to + k] = ((int) row[at + k / FLAGS] >> (k % FLAGS) & 1) != 0;
        }
    }

    /** Writes a mask of all actions, which begins at {@code from} of {@code flags}, as it stands in a row. */
    public void writeMask(boolean[] flags, int from, float[] row, int at) {
        writeMask(flags, from, spaces.actions().size(), row, at);
    }

    /** Writes what stands where an optional field is not known. */
    public void writeUnknown(Field field, float[] row, int at) {
        switch (field) {
            case ACTION_MASK, NEXT_ACTION_MASK ->
                writeMask(null, 0, spaces.actions().size(), row, at);
            case BEHAVIOUR_LOG_PROB -> writeDouble(Double.NaN, row, at);
            case RETURN_TO_GO -> row[at] = Float.NaN;
            default -> Arrays.fill(row, at, at + width(field), 0);
        }
    }

    /** Writes a double as three floats whose sum it is. */
    public static void writeDouble(double value, float[] row, int at) {
        var rest = value;
        for (var i = 0; i < 3; i++) {
            row[at + i] = (float) rest;
            rest = Float.isFinite(row[at + i]) ? rest - row[at + i] : 0;
        }
    }

    /** What {@link #writeDouble} wrote. */
    static double readDouble(float[] row, int at) {
        return (double) row[at] + row[at + 1] + row[at + 2];
    }
}
