package io.hindcast.judge;

/**
 * How far a model that follows itself still is from where it is going. How far it moved last tells too little where it has hardly
 * begun: then it goes on as far for long. Two things keep it from being done.
 *
 * <p>The target follows the critic: each time it moves, by {@code rate} times what one step of Bellman's operator still adds. Over an
 * episode that is missing in each step, discounted. And the critic itself may learn slowly: then it moves nearly as far in the second
 * half of its learning as in the first, and what follows is a geometric series of such halves. (Networks say something near 0 at
 * first.)
 */
public final class Convergence {
    /** See {@link #allowed}. */
    private static final double SHARE_OF_ERROR = 0.25;

    private static final double SHARE_OF_VALUE = 0.01;

    /** Where values are near 0, what moved in either half may be chance. */
    private static final double LONGEST_SERIES = 10;

    private Convergence() {}

    /**
     * What the target said of first states, in units of return.
     *
     * @param learned when the critic had done half of its learning: of its updates, or of the sum of their learning rates
     * @param half when half of the updates were done
     * @param end now
     */
    public record Said(double learned, double half, double end) {}

    /**
     * How far its value may still move, in units of return; no less than it moved in the second half of its updates.
     *
     * @param moves how often the target moved in that half
     * @param rate how far each time, above 0 to 1
     * @param horizon how many steps an episode has, each counted by its discount
     */
    public static double rest(Said said, long moves, double rate, double horizon) {
        var moved = Math.abs(said.end - said.half);
        var late = Math.abs(said.end - said.learned);
        var early = Math.max(Math.abs(said.learned) - late, late / LONGEST_SERIES);
        return Math.max(moved * Math.max(1, horizon / (rate * moves)), late == 0 ? 0 : late * late / early);
    }

    /**
     * By how much a model may still move, for an estimate that leans on it: by a quarter of its error, since an estimate that is wrong
     * by that much has intervals of 95 % that hold 94.3 % of the time, or by a hundredth of its value, if that is more.
     *
     * @param error of the estimate
     */
    public static double allowed(double value, double error) {
        return Math.max(SHARE_OF_ERROR * error, SHARE_OF_VALUE * Math.abs(value));
    }

    /** The sum of discount^t over so many steps. */
    public static double horizon(double discount, long steps) {
        return discount == 1 ? steps : (1 - Math.pow(discount, steps)) / (1 - discount);
    }
}
