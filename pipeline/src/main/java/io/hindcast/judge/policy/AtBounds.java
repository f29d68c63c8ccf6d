package io.hindcast.judge.policy;

import io.hindcast.data.ActionSpace;
import io.hindcast.net.Chances;

/**
 * What becomes of action vectors with entries at their bounds. The log counts such an entry by the probability of all that ends there,
 * and any other by its density ({@code behaviour_log_prob} in {@code data-schema/README.md}). A policy may do otherwise:
 *
 * <ul>
 *   <li>It has a density where the log has a probability: that it does exactly this has probability 0.
 *   <li>It has a probability where the log has a density: then they have no ratio.
 * </ul>
 */
final class AtBounds {
    private AtBounds() {}

    /** How many entries of an action are at a bound. */
    static int count(ActionSpace.Continuous space, float[] actions, int row) {
        var count = 0;
        for (var j = 0; j < space.dimension(); j++) {
            var logged = space.fromUnit(j, actions[row * space.dimension() + j]);
            count += logged == (float) space.low(j) || logged == (float) space.high(j) ? 1 : 0;
        }
        return count;
    }

    /**
     * The chance of an action, as it can be divided by that of the log: minus infinity if the policy has a density where the log has a
     * probability, infinity if it is the other way about.
     */
    static double comparable(ActionSpace actions, float[] batch, int row, Chances chances) {
        var log = chances.logs()[row];
        if (!(actions instanceof ActionSpace.Continuous space) || log == Double.NEGATIVE_INFINITY) {
            return log;
        }
        var more = Integer.compare(chances.points()[row], count(space, batch, row));
        return more == 0 ? log : more > 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
}
