package io.hindcast.data;

/**
 * Rows that a {@link Transformation} changes before a learner sees them: the rows of a dataset, or the one row of a
 * step in an environment. They say where their numbers stand; what becomes of these is the transformation's.
 */
public interface Rows {
    /** The problem the rows come from. */
    Spaces spaces();

    /** Gives every row a reward in place of the one there. */
    void changeRewards(RewardChange change);

    /** Changes what was seen before each action and after it. */
    void changeObservations(ObservationChange change);

    /** Changes every entry of actions that are vectors; there is nothing to change where actions are discrete. */
    void changeActions(EntryChange change);

    /** What a reward becomes. */
    interface RewardChange {
        /** The reward of {@code row} in place of {@code reward}. */
        double of(int row, double reward);
    }

    /** What observations become. */
    interface ObservationChange {
        /** Changes {@code rows} of them; the first begins at {@code from}, each other one {@code stride} after the one before. */
        void of(float[] values, int from, int stride, int rows);
    }

    /** What an entry of an action becomes. */
    interface EntryChange {
        /** The number within [-1, 1] in place of {@code entry}, which is as policies see it. */
        float of(float entry);
    }
}
