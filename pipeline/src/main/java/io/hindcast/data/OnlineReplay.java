package io.hindcast.data;

import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout.Field;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a dataset, which others may be reading too, and the newest ones of an agent that acts. A row is drawn uniformly
 * from both together, or each batch has a fixed share from the dataset; where the dataset is a mixture, its rows among themselves are drawn as it says.
 */
public final class OnlineReplay implements Replay {
    private final ReplayBuffer dataset;
    private final ReplayBuffer own;
    private final @Nullable Double datasetShare;

    /**
     * No rows but those of {@code dataset}, which may have none.
     *
     * @param capacity how many of the newest rows it keeps besides, at least 1
     */
    public OnlineReplay(ReplayBuffer dataset, int capacity) {
        this(dataset, capacity, null);
    }

    /**
     * The same, of which each batch has a fixed share from the dataset as soon as there are rows of both.
     *
     * @param datasetShare in [0, 1], to the nearest row; null: all rows are drawn alike
     */
    public OnlineReplay(ReplayBuffer dataset, int capacity, @Nullable Double datasetShare) {
        this.dataset = dataset;
        this.datasetShare = datasetShare;
        own = new ReplayBuffer(layout(dataset.layout()), capacity);
    }

    /** How the rows of an agent are laid out: as those of its dataset, and with what the environment may say is possible. */
    public static RowLayout layout(RowLayout dataset) {
        return dataset.spaces().actions() instanceof ActionSpace.Discrete
                ? dataset.with(Set.of(Field.ACTION_MASK, Field.NEXT_ACTION_MASK))
                : dataset;
    }

    /** The rows that were there first. */
    public ReplayBuffer dataset() {
        return dataset;
    }

    /** Whether there are rows besides those. */
    public boolean hasOwn() {
        return own.size() > 0;
    }

    /** How many rows can be drawn. */
    public int size() {
        return dataset.size() + own.size();
    }

    /**
     * Adds a row; its arrays are copied.
     *
     * @param action in the environment's own units
     * @param time between the observations, in steps
     * @param possible what the environment said of it
     */
    public void add(
            float[] observation,
            Action action,
            double reward,
            float[] nextObservation,
            TerminalFlag terminal,
            float time,
            Possible possible) {
        own.appendNewest(observation, action, reward, nextObservation, terminal, time, possible);
    }

    @Override
    public RowLayout layout() {
        return own.layout();
    }

    @Override
    public void sample(RandomGenerator random, Batch batch) {
        var first = dataset.size();
        if (datasetShare != null && first > 0 && hasOwn()) {
            var old = Math.round(datasetShare * batch.size());
            for (var b = 0; b < batch.size(); b++) {
                if (b < old) {
                    dataset.copy(dataset.draw(random), batch, b);
                } else {
                    own.copy(own.draw(random), batch, b);
                }
            }
            return;
        }
        for (var b = 0; b < batch.size(); b++) {
            var row = random.nextInt(size());
            if (row < first) {
                dataset.copy(dataset.isMixture() ? dataset.draw(random) : row, batch, b);
            } else {
                own.copy(row - first, batch, b);
            }
        }
    }
}
