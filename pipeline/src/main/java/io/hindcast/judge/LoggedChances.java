package io.hindcast.judge;

import java.io.Serializable;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether discrete actions were logged as often as the logged probabilities say, whatever policy is judged. In a step in which action a
 * has the probability mu(a|s), x = [a was taken] / mu(a|s) is 1 on average, or 0 where a is never taken: never more. The deviations
 * x - 1 of an action's steps are a martingale, so that their sum is normal with variance sum (x - 1)^2, also within episodes. A state
 * that merges.
 */
public final class LoggedChances implements Serializable {
    private static final double CHANCE_OF_THREE_ERRORS = 0.0027;

    /** Of each action the sum of x and that of x^2. */
    private final Sums sums = new Sums(0);

    private long steps;

    /**
     * Adds a step.
     *
     * @param action that was taken
     * @param log natural logarithm of its logged probability
     */
    public void add(int action, double log) {
        sums.grow(2 * action + 2);
        sums.add(2 * action, Scaled.exp(-log));
        sums.add(2 * action + 1, Scaled.exp(-2 * log));
        steps++;
    }

    /** Adds what another state has seen. */
    public void merge(LoggedChances other) {
        sums.grow(other.sums.size());
        sums.merge(other.sums);
        steps += other.steps;
    }

    /** Why no estimate by these probabilities can be trusted, in words; empty if one may. */
    public Optional<String> objection() {
        var actions = sums.size() / 2;
        var errors = actions == 0 ? 0 : Quantiles.normal(CHANCE_OF_THREE_ERRORS / actions);
        for (var action = 0; action < actions; action++) {
            var sum = sums.of(2 * action).toDouble();
            var squares = sums.of(2 * action + 1).toDouble() - 2 * sum + steps;
            // Rounding is not evidence.
            if (sum - steps > errors * Math.sqrt(Math.max(0, squares)) + 1e-9 * steps) {
                return Optional.of(String.format(
                        Locale.ROOT,
                        "action %d was logged %.2f times as often as its logged probabilities say, more than %.1f"
                                + " standard errors too often: these probabilities are wrong",
                        action,
                        sum / steps,
                        errors));
            }
        }
        return Optional.empty();
    }
}
