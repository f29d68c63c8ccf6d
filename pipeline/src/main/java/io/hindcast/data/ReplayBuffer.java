package io.hindcast.data;

import java.util.BitSet;
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
    private final BitSet lastOfEpisode = new BitSet();
    private float[] steps = new float[0];
    private double leastReward = Double.POSITIVE_INFINITY;
    private double greatestReward = Double.NEGATIVE_INFINITY;
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
        leastReward = Math.min(leastReward, reward);
        greatestReward = Math.max(greatestReward, reward);
        terminated[size] = terminal == TerminalFlag.STOPS_BOOTSTRAP ? 1 : 0;
        size++;
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
        steps = new float[capacity];
        var d = spaces.observationSize();
        for (var row = 0; row < size; row++) {
            var sum = (double) rewards[row];
            var factor = discount;
            var last = row;
            while (last - row + 1 < n && last + 1 < size && terminated[last] == 0 && !lastOfEpisode.get(last)) {
                last++;
                sum += factor * rewards[last];
                factor *= discount;
            }
            // Rows ahead are still as they were appended: they are folded only after this one.
            rewards[row] = (float) sum;
            steps[row] = last - row + 1;
            terminated[row] = terminated[last];
            System.arraycopy(nextObservations, last * d, nextObservations, row * d, d);
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
        batch.steps()[b] = steps.length > 0 ? steps[row] : 1;
    }

    /** Whether a transition stops the bootstrap. */
    public enum TerminalFlag {
        /** The task ended: no value beyond this row. */
        STOPS_BOOTSTRAP,
        /** The episode goes on, or was only cut: the value of the next observation counts. */
        KEEPS_BOOTSTRAP
    }
}
