package io.hindcast.env;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Discrete actions of which some may be impossible: {@code possible} says which are not, {@code [count]}; null: all are. */
public final class PossibleActions {
    private PossibleActions() {}

    /** How many of {@code count} actions are possible. */
    public static int count(boolean @Nullable [] possible, int count) {
        if (possible == null) {
            return count;
        }
        var those = 0;
        for (var flag : possible) {
            those += flag ? 1 : 0;
        }
        return those;
    }

    /** One of those of {@code count} actions that are possible, each as likely as any other. */
    public static int draw(boolean @Nullable [] possible, int count, RandomGenerator random) {
        var nth = random.nextInt(count(possible, count));
        if (possible == null) {
            return nth;
        }
        var at = 0;
        while (nth > 0 || !possible[at]) {
            nth -= possible[at] ? 1 : 0;
            at++;
        }
        return at;
    }
}
