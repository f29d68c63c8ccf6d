package io.hindcast.judge;

import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an estimator says of a policy by a group of episodes.
 *
 * @param policy its name
 * @param run the id of the run that learned it; null if none did
 * @param step its updates; null if it is of no run
 * @param estimator the estimator's name
 * @param group the group in words; null: all episodes
 * @param estimate value, error and intervals
 * @param loggedValue the mean return of the same episodes as they were logged, discounted alike; NaN where it is not known
 * @param difference from the mean return as it was logged
 * @param gain over the policy that all are compared with: the champion, or what logged
 * @param lowerBound what the value lies below with the chance that is left, shared among all policies that are compared; NaN if unknown
 * @param lowerBoundMethod how that was made: a word of {@link LowerBoundName}
 * @param score how far what a model says of the policy contradicts the log; none by a group
 * @param weights what the weights of the episodes are like
 * @param leftOut how many episodes are left out, by what they lack
 * @param nuisances what was estimated or taken as given besides, in words
 * @param use what of it can be relied upon
 * @param reason why not all of it can, in words; null if it can
 */
public record Judgement(
        String policy,
        @Nullable String run,
        @Nullable Long step,
        String estimator,
        @Nullable String group,
        Estimate estimate,
        double loggedValue,
        Difference difference,
        Gain gain,
        double lowerBound,
        String lowerBoundMethod,
        ValueScore score,
        WeightSummary weights,
        Map<Need, Long> leftOut,
        String nuisances,
        Use use,
        @Nullable String reason)
        implements Serializable {
    /** What of a judgement can be relied upon. */
    public enum Use {
        ALL,
        /** The lower bound, which holds for any number of episodes; the value is shown, and has no interval. */
        LOWER_BOUND,
        NOTHING;

        /** Of one that there is nothing to be said against, or something. */
        public static Use unless(@Nullable String reason) {
            return reason == null ? ALL : NOTHING;
        }
    }

    /** The name of the policy that logged. */
    public static final String BEHAVIOUR = "behaviour";

    /** The name of the uniformly random one. */
    public static final String UNIFORM = "uniform";

    /** Whether it is one that others are compared with. */
    public boolean isBaseline() {
        return policy.equals(BEHAVIOUR) || policy.equals(UNIFORM);
    }

    /** Whether it can be relied upon, or at least its lower bound. */
    public boolean isUsable() {
        return use != Use.NOTHING;
    }
}
