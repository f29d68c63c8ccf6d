package io.hindcast.judge;

import org.jspecify.annotations.Nullable;

/**
 * A model of a policy's values that estimates lean on.
 *
 * @param policy the policy's name
 * @param step the policy's updates; null if it is of no run
 * @param run the id of the run that learned them
 * @param learnedFrom the subset that it learned from
 * @param updates how many
 * @param loss its last mean squared error, in units of return squared
 * @param value what it says that the policy earns where episodes begin
 * @param rest how far that may still move, see {@link Convergence}; infinite if nobody knows
 * @param inWords all that in words
 */
public record FittedValues(
        String policy,
        @Nullable Long step,
        String run,
        String learnedFrom,
        long updates,
        double loss,
        double value,
        double rest,
        String inWords) {}
