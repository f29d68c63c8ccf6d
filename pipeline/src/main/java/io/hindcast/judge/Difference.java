package io.hindcast.judge;

import io.hindcast.judge.Estimate.Interval;
import java.io.Serializable;

/**
 * How much more a policy earns than what logged the same episodes.
 *
 * @param value in units of return; NaN where it is not known
 * @param interval around it, allowing for how many policies are compared; NaN likewise
 */
public record Difference(double value, Interval interval) implements Serializable {
    /** None is known. */
    public static final Difference NONE = new Difference(Double.NaN, Interval.NONE);
}
