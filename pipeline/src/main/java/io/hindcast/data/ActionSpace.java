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

        /** The entry of an action as policies see it: {@code [low, high]} mapped to {@code [-1, 1]}. */
        public float toUnit(float value) {
            return low == -1 && high == 1 ? value : (float) (2 * (value - low) / (high - low) - 1);
        }

        /** The entry of an action as the environment sees it, cut to {@code [low, high]}. */
        public float fromUnit(float unit) {
            var value = low == -1 && high == 1 ? unit : low + (unit + 1) / 2 * (high - low);
            return (float) Math.min(high, Math.max(low, value));
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
