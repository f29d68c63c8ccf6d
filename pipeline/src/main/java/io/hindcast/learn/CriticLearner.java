package io.hindcast.learn;

import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Mlp;
import java.util.Optional;

/** A learner of a policy that has critics, which can be asked what actions are worth. */
public interface CriticLearner extends PolicyLearner {
    /** The critics that learn; they take observations and actions as the learner sees them. */
    default CriticEnsemble critics() {
        return parts().critics();
    }

    /** A network of its own for what states are worth, one number each; empty if it has none. */
    default Optional<Mlp> stateValues() {
        return parts().value();
    }
}
