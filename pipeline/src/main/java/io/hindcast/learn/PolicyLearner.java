package io.hindcast.learn;

import io.hindcast.net.Policy;

/** A learner of a policy. */
public interface PolicyLearner extends Learner {
    /** The policy being learned. */
    Policy policy();
}
