package io.hindcast.learn;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.List;

/**
 * The sizes at which {@code bench} measures learners. Costs are multiply-adds of the products alone, a row of a batch: a forward pass
 * is {@code sum(in out)} over a network's layers.
 *
 * @param spaces observations and actions
 * @param critics how many critics an ensemble has
 * @param hidden hidden layers of critics and value functions
 * @param actorHidden hidden layers of the policy
 * @param activation of the policy
 */
public record Sizes(Spaces spaces, int critics, List<Integer> hidden, List<Integer> actorHidden, String activation) {

    /**
     * What a learner is measured with.
     *
     * @param settings its settings, as a conf file has them
     * @param multiplyAdds what an update cannot do without, a row, averaged over updates
     */
    public record Measured(String settings, double multiplyAdds) {}

    /** A network's units. */
    public record Units(int inputs, List<Integer> hiddenLayers, int outputs) {
        /** A forward pass. */
        double forward() {
            var sum = 0.0;
            var below = inputs;
            for (int units : hiddenLayers) {
                sum += (double) below * units;
                below = units;
            }
            return sum + (double) below * outputs;
        }

        /** Forward and back: the weights' gradient costs the same again, the inputs' gradient the same less the first layer. */
        double trained() {
            return 3 * forward() - first();
        }

        /** Forward, and back to {@code actions} of its inputs: what improves a policy through a critic. */
        double through(int actions) {
            return 2 * forward() - first() + (double) actions * hiddenLayers.get(0);
        }

        private double first() {
            return (double) inputs * hiddenLayers.get(0);
        }
    }

    /** Whether actions are real vectors. */
    boolean isContinuous() {
        return spaces.actions() instanceof ActionSpace.Continuous;
    }

    /** How many numbers an action has, or how many actions there are. */
    int actions() {
        return spaces.actions().size();
    }

    /** A critic. */
    Units q() {
        var d = spaces.observationSize();
        return isContinuous() ? new Units(d + actions(), hidden, 1) : new Units(d, hidden, actions());
    }

    /** A value function. */
    Units v() {
        return new Units(spaces.observationSize(), hidden, 1);
    }

    /** A policy. */
    Units pi() {
        return new Units(spaces.observationSize(), actorHidden, actions());
    }

    /** A policy that gives a deviation for every state, too. */
    Units squashed() {
        return new Units(spaces.observationSize(), actorHidden, 2 * actions());
    }

    /** The settings of a critic or a value function. */
    String critic() {
        return "{ hidden-layers = " + hidden + " }";
    }

    /** The settings of a policy. */
    String actor() {
        return "{ hidden-layers = " + actorHidden + ", activation = " + activation + " }";
    }

    /** The settings that learners of weighted likelihoods share. */
    String weighted() {
        return "discount = 0.99, max-weight = 100, actor = " + actor();
    }
}
