package io.hindcast.stage.curate;

import io.hindcast.stats.ExactMoments;
import io.hindcast.table.SubsetStepsTable.Kept;
import io.hindcast.table.SubsetStepsTable.Returns;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What episodes are together; a state that merges to the last bit, so that the order of episodes does not matter. Not for several
 * threads.
 */
final class Tally implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ExactMoments returns = new ExactMoments(1);
    private long episodes;
    private long transitions;
    /** Greater than all numbers, as Spark has it. */
    private double min = Double.NaN;

    private double max = Double.NEGATIVE_INFINITY;

    /**
     * Adds an episode.
     *
     * @param value the return of its trajectory
     * @param isFirst whether it is the part of it that counts for all
     */
    Tally add(long length, double value, boolean isFirst) {
        episodes++;
        transitions += length;
        if (isFirst) {
            returns.add(0, value);
            range(value, value);
        }
        return this;
    }

    /** Adds what another has seen. */
    Tally merge(Tally other) {
        returns.merge(other.returns);
        episodes += other.episodes;
        transitions += other.transitions;
        range(other.min, other.max);
        return this;
    }

    private void range(double least, double greatest) {
        // Plus 0: there is one zero.
        min = Double.compare(least + 0.0, min) < 0 ? least + 0.0 : min;
        max = Double.compare(greatest + 0.0, max) > 0 ? greatest + 0.0 : max;
    }

    /**
     * As a step says it.
     *
     * @param hasParts whether a trajectory can be several episodes
     * @param isKnown whether these are the returns
     */
    Kept kept(boolean hasParts, boolean isKnown) {
        if (episodes == 0) {
            return new Kept(0, null, 0, null);
        }
        var trajectories = hasParts ? Long.valueOf(returns.count(0)) : null;
        @Nullable Returns known = isKnown ? new Returns(returns.mean(0), min, max) : null;
        return new Kept(episodes, trajectories, transitions, known);
    }
}
