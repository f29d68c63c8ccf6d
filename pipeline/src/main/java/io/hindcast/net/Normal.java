package io.hindcast.net;

/**
 * Independent normal numbers, one an entry of an action, from which a policy makes actions within [-1, 1].
 *
 * @param mean {@code [dimension]}
 * @param std standard deviations, {@code [dimension]}, above 0
 * @param kept how a number becomes one within [-1, 1]
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Normal(double[] mean, double[] std, Kept kept) {
    /** How a number is kept within [-1, 1]. */
    public enum Kept {
        /** What is beyond becomes -1 or 1. */
        CUT,
        /** Its tanh. */
        SQUASHED
    }
}
