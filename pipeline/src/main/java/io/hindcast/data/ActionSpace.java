package io.hindcast.data;

import java.io.Serializable;

/** The actions an agent may take. */
public sealed interface ActionSpace extends Serializable {
    /** How many numbers a policy or an action-value network has to do with: dimensions, or the count of actions. */
    int size();

    /** Real vectors of {@code dimension} entries, each within {@code [low, high]}. */
    record Continuous(int dimension, double low, double high) implements ActionSpace {
        /** @throws IllegalArgumentException if there is no dimension or the bounds are not in order */
        public Continuous {
            if (dimension < 1 || !(low < high)) {
                throw new IllegalArgumentException(
                        "Cannot make an action space of dimension " + dimension + " in [" + low + ", " + high + "]");
            }
        }

        @Override
        public int size() {
            return dimension;
        }
    }

    /** One of {@code count} actions, numbered from 0. */
    record Discrete(int count) implements ActionSpace {
        /** @throws IllegalArgumentException if there is no action */
        public Discrete {
            if (count < 1) {
                throw new IllegalArgumentException("Cannot make an action space of " + count + " actions");
            }
        }

        @Override
        public int size() {
            return count;
        }
    }
}
