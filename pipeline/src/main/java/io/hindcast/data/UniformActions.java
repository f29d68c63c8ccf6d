package io.hindcast.data;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Uniformly random actions among the possible ones. {@code possible} says which discrete actions are, {@code [count]},
 * at least one; null: all.
 */
public final class UniformActions {
    private UniformActions() {}

    /** An action of {@code space}, in its own units. */
    public static Action draw(ActionSpace space, boolean @Nullable [] possible, RandomGenerator random) {
        if (space instanceof ActionSpace.Continuous box) {
            var values = new float[box.dimension()];
            for (var i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(box.low(i), box.high(i));
            }
            return new Action.Vector(values);
        }
        var nth = random.nextInt(count(space.size(), possible));
        if (possible == null) {
            return new Action.Index(nth);
        }
        var at = 0;
        while (nth > 0 || !possible[at]) {
            nth -= possible[at] ? 1 : 0;
            at++;
        }
        return new Action.Index(at);
    }

    /** The natural logarithm of the probability of each, or of its density. */
    public static double logDensity(ActionSpace space, boolean @Nullable [] possible) {
        return space instanceof ActionSpace.Continuous box ? -logVolume(box) : -Math.log(count(space.size(), possible));
    }

    /** How many of {@code count} discrete actions are possible. */
    public static int count(int count, boolean @Nullable [] possible) {
        if (possible == null) {
            return count;
        }
        var those = 0;
        for (var flag : possible) {
            those += flag ? 1 : 0;
        }
        return those;
    }

    private static double logVolume(ActionSpace.Continuous box) {
        if (box.isUniform()) {
            return box.dimension() * Math.log(box.high(0) - box.low(0));
        }
        var sum = 0.0;
        for (var i = 0; i < box.dimension(); i++) {
            sum += Math.log(box.high(i) - box.low(i));
        }
        return sum;
    }
}
