package io.hindcast.env;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Why an answer of an environment is invalid. An invalid answer is not recorded, not learned from and not added to a
 * return, and the episode ends before it.
 *
 * @param detail in a few words, with the value: {@code observation[0] is NaN}
 */
public record Fault(Kind kind, String detail) implements Serializable {
    /** What sort of fault. */
    public enum Kind {
        /** A number is missing, NaN, infinite, or too large for single precision. */
        NOT_FINITE,
        /** An observation has more or fewer numbers than the environment says. */
        WRONG_SIZE,
        /** An observation is out of the bounds that its space declares, and such ones are refused. */
        OUT_OF_BOUNDS,
        /** Something else: no number, no flag, none of the space's values, or an exception. */
        OTHER
    }

    /**
     * What is wrong with a step, or null.
     *
     * @param observationSize how many numbers an observation has
     */
    public static @Nullable Fault of(Environment.Step step, int observationSize) {
        if (step.fault() != null) {
            return step.fault();
        }
        var fault = of(step.observation(), observationSize);
        return fault == null ? of(step.reward()) : fault;
    }

    /** What is wrong with an observation, or null. */
    static @Nullable Fault of(float @Nullable [] observation, int observationSize) {
        if (observation == null) {
            return new Fault(Kind.NOT_FINITE, "there is no observation");
        }
        if (observation.length != observationSize) {
            return new Fault(
                    Kind.WRONG_SIZE, "the observation has " + observation.length + " numbers, not " + observationSize);
        }
        for (var i = 0; i < observation.length; i++) {
            if (!Float.isFinite(observation[i])) {
                return new Fault(
                        Kind.NOT_FINITE,
                        "observation[" + i + "] is " + observation[i]
                                + (Float.isNaN(observation[i]) ? "" : ", or beyond single precision (3.4e38)"));
            }
        }
        return null;
    }

    private static @Nullable Fault of(double reward) {
        if (Math.abs(reward) <= Float.MAX_VALUE) {
            return null;
        }
        return new Fault(
                Kind.NOT_FINITE,
                "the reward is " + reward + (Double.isFinite(reward) ? ", beyond single precision (3.4e38)" : ""));
    }
}
