package io.hindcast.learn;

import io.hindcast.net.Policy;

/** A learner that learns a policy. */
public interface PolicyLearner extends Learner {
    /** The policy being learned. */
    default Policy policy() {
        return parts().policy();
    }

    /**
     * The learner as one of a policy.
     *
     * @throws IllegalStateException if it learns none
     */
    static PolicyLearner of(Learner learner) {
        if (learner instanceof PolicyLearner acts) {
            return acts;
        }
        throw new IllegalStateException(
                "Cannot act with " + learner.getClass().getSimpleName() + ": it learns no policy");
    }
}
