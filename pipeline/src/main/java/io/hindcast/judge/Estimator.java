package io.hindcast.judge;

import java.io.Serializable;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the value of a policy is estimated from episodes that another one logged: by a formula that is a sum over episodes, or a
 * quotient of two. Values are discounted sums of rewards.
 */
public interface Estimator extends Serializable {
    /** A short name, as {@code wpdis}. */
    String name();

    /** What an episode must have to take part. */
    Set<Need> needs();

    /**
     * Why its intervals may hold less often than they say, whatever else speaks for them; null if nothing is known.
     *
     * @param horizon the steps of the longest episode
     */
    default @Nullable String objection(int horizon) {
        return null;
    }

    /** The sums of the first pass. */
    FirstSums sums();
}
