package io.hindcast.data;

import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * Transitions in memory, from which batches are drawn. A transition is one row of floats,
 * {@code observation | action | reward | next observation | terminated | steps}, so that drawing it touches few cache lines; rows
 * stand in chunks, so that their number is not limited by the length of an array.
 */
public final class ReplayBuffer {
    private static final int CHUNK_BITS = 15;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int LINE = 16;

    private final Spaces spaces;
    private final int capacity;
    private final boolean continuous;
    private final int d;
    private final int actionFloats;
    private final int stride;
    private final float[][] chunks;
    private final BitSet lastOfEpisode = new BitSet();
    private double leastReward = Double.POSITIVE_INFINITY;
    private double greatestReward = Double.NEGATIVE_INFINITY;
    private int size;

    /** An empty buffer for {@code capacity} transitions. */
    public ReplayBuffer(Spaces spaces, int capacity) {
        this.spaces = spaces;
        this.capacity = capacity;
        d = spaces.observationSize();
        continuous = spaces.actions() instanceof ActionSpace.Continuous;
        actionFloats = continuous ? spaces.actions().size() : 1;
        stride = 2 * d + actionFloats + 3;
        chunks = new float[(int) (((long) capacity + CHUNK - 1) / CHUNK)][];
        for (var c = 0; c < chunks.length; c++) {
            var rows = Math.min(CHUNK, capacity - c * CHUNK);
            chunks[c] = new float[Math.multiplyExact(rows, stride)];
        }
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
        var rows = chunk(size);
        var at = place(size);
        System.arraycopy(observation, 0, rows, at, d);
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            var values = ((Action.Vector) action).values();
            for (var j = 0; j < actionFloats; j++) {
                rows[at + d + j] = space.toUnit(values[j]);
            }
        } else {
            // An index is kept as the bits of an int.
            rows[at + d] = Float.intBitsToFloat(((Action.Index) action).index());
        }
        rows[at + reward()] = (float) reward;
        leastReward = Math.min(leastReward, reward);
        greatestReward = Math.max(greatestReward, reward);
        System.arraycopy(nextObservation, 0, rows, at + next(), d);
        rows[at + terminated()] = terminal == TerminalFlag.STOPS_BOOTSTRAP ? 1 : 0;
        rows[at + steps()] = 1;
        size++;
    }

    /**
     * Transitions as columns, a row after the other.
     *
     * @param observations {@code [rows * observation size]}
     * @param actions {@code [rows * dimension]} as logged; unused where actions are discrete
     * @param actionIndices {@code [rows]}; unused where actions are continuous
     * @param rewards {@code [rows]}
     * @param nextObservations {@code [rows * observation size]}
     * @param stopsBootstrap {@code [rows]}, see {@link TerminalFlag#STOPS_BOOTSTRAP}
     */
    @SuppressWarnings("ArrayRecordComponent") // a view of arrays that are refilled
    public record Columns(
            float[] observations,
            float[] actions,
            int[] actionIndices,
            double[] rewards,
            float[] nextObservations,
            boolean[] stopsBootstrap) {}

    /**
     * Adds the rows {@code [from, to)} of {@code columns}, which belong to one episode; {@link #endEpisode} says where it ends.
     *
     * @throws IllegalStateException if the buffer has no place for them
     */
    public void append(Columns columns, int from, int to) {
        if (to - from > capacity - size) {
            throw new IllegalStateException("Cannot append to a replay buffer of " + capacity + ": it is full");
        }
        for (var row = from; row < to; row++) {
            var rows = chunk(size);
            var at = place(size);
            System.arraycopy(columns.observations, row * d, rows, at, d);
            if (spaces.actions() instanceof ActionSpace.Continuous space) {
                for (var j = 0; j < actionFloats; j++) {
                    rows[at + d + j] = space.toUnit(columns.actions[row * actionFloats + j]);
                }
            } else {
                rows[at + d] = Float.intBitsToFloat(columns.actionIndices[row]);
            }
            var reward = columns.rewards[row];
            rows[at + reward()] = (float) reward;
            leastReward = Math.min(leastReward, reward);
            greatestReward = Math.max(greatestReward, reward);
            System.arraycopy(columns.nextObservations, row * d, rows, at + next(), d);
            rows[at + terminated()] = columns.stopsBootstrap[row] ? 1 : 0;
            rows[at + steps()] = 1;
            size++;
        }
    }

    /** Says that the transition appended last was the last of its episode. */
    public void endEpisode() {
        if (size > 0) {
            lastOfEpisode.set(size - 1);
        }
    }

    /**
     * Turns every row into an n-step transition: its reward becomes {@code sum_{k < m} discount^k r_{t+k}}, its next observation
     * and its end those of row t + m - 1, m steps in all. m is n, or less where the episode ends sooner: a window never crosses
     * an episode's end. To be called once, when all is appended.
     */
    public void foldSteps(int n, double discount) {
        if (n == 1) {
            return;
        }
        for (var row = 0; row < size; row++) {
            var rows = chunk(row);
            var at = place(row);
            var sum = (double) rows[at + reward()];
            var factor = discount;
            var last = row;
            while (last - row + 1 < n
                    && last + 1 < size
                    && chunk(last)[place(last) + terminated()] == 0
                    && !lastOfEpisode.get(last)) {
                last++;
                sum += factor * chunk(last)[place(last) + reward()];
                factor *= discount;
            }
            // Rows ahead are still as they were appended: they are folded only after this one.
            rows[at + reward()] = (float) sum;
            rows[at + steps()] = last - row + 1;
            rows[at + terminated()] = chunk(last)[place(last) + terminated()];
            System.arraycopy(chunk(last), place(last) + next(), rows, at + next(), d);
        }
    }

    /**
     * What a value of these transitions can be at most and at least, {@code r / (1 - discount)} of the greatest and the least
     * reward of a single step, or that reward itself where going on makes it less extreme.
     */
    public Range valueRange(double discount) {
        var horizon = 1 / (1 - discount);
        return new Range(
                Math.min(leastReward, leastReward * horizon), Math.max(greatestReward, greatestReward * horizon));
    }

    /** Two bounds. */
    public record Range(double least, double greatest) {}

    /** Fills {@code batch} with rows drawn uniformly, with replacement; threads may do so at once, each into its own batch. */
    public void sample(RandomGenerator random, Batch batch) {
        var rows = batch.size();
        var indices = batch.drawn;
        // First all rows are touched, whose waits for memory overlap; then they are copied from the cache.
        var sum = 0f;
        for (var b = 0; b < rows; b++) {
            var row = random.nextInt(size);
            indices[b] = row;
            var chunk = chunk(row);
            var at = place(row);
            for (var k = at; k < at + stride; k += LINE) {
                sum += chunk[k];
            }
        }
        batch.touched = sum;
        for (var b = 0; b < rows; b++) {
            copy(indices[b], batch, b);
        }
    }

    private void copy(int row, Batch batch, int b) {
        var rows = chunk(row);
        var at = place(row);
        copy(rows, at, batch.observations(), b * d, d);
        copy(rows, at + next(), batch.nextObservations(), b * d, d);
        if (continuous) {
            copy(rows, at + d, batch.actions(), b * actionFloats, actionFloats);
        } else {
            batch.actionIndices()[b] = Float.floatToRawIntBits(rows[at + d]);
        }
        batch.rewards()[b] = rows[at + reward()];
        batch.terminated()[b] = rows[at + terminated()];
        batch.steps()[b] = rows[at + steps()];
    }

    private static void copy(float[] source, int from, float[] target, int to, int n) {
        if (n > LINE) {
            System.arraycopy(source, from, target, to, n);
            return;
        }
        for (var j = 0; j < n; j++) {
            target[to + j] = source[from + j];
        }
    }

    private float[] chunk(int row) {
        return chunks[row >>> CHUNK_BITS];
    }

    private int place(int row) {
        return (row & (CHUNK - 1)) * stride;
    }

    private int reward() {
        return d + actionFloats;
    }

    private int next() {
        return reward() + 1;
    }

    private int terminated() {
        return next() + d;
    }

    private int steps() {
        return terminated() + 1;
    }

    /** Whether a transition stops the bootstrap. */
    public enum TerminalFlag {
        /** The task ended: no value beyond this row. */
        STOPS_BOOTSTRAP,
        /** The episode goes on, or was only cut: the value of the next observation counts. */
        KEEPS_BOOTSTRAP
    }
}
