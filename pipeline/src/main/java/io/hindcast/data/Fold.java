package io.hindcast.data;

import java.io.Serializable;

/**
 * One of several parts of a dataset's episodes, about as many in each. Which one an episode is in follows from its id alone: it does
 * not matter what other episodes there are.
 *
 * @param index which one, from 0
 * @param count how many there are
 */
public record Fold(int index, int count) implements Serializable {
    /** @throws IllegalArgumentException if there is no such fold */
    public Fold {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException("Cannot find fold " + index + " of " + count);
        }
    }

    /** Whether an episode is in it. */
    public boolean holds(String episode) {
        return (int) (EpisodeShare.of("fold", 0, episode) * count) == index;
    }

    /** All other folds, as the name of a subset: {@code test-but-fold-1-of-2}. */
    public String othersOf(String subset) {
        return subset + "-but-fold-" + (index + 1) + "-of-" + count;
    }
}
