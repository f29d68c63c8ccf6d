package io.hindcast.kernel;

import java.util.function.DoubleUnaryOperator;

/**
 * An f-divergence (Csiszár 1967) between a policy and the behaviour policy of the data,
 * {@code D(pi, pi_b) = sum_a pi_b(a) f(pi(a) / pi_b(a))} with f convex and f(1) = 0, and the reward bonus that holds a policy to
 * its data by it: {@code b(a) = -(pi_b(a) / pi(a)) f(pi(a) / pi_b(a))}, whose expectation under the policy is minus the divergence
 * (Berkeley CS285, homework 5). All logarithms are natural.
 *
 * <p>Distributions are arrays of probabilities over the actions of one state; those of {@link #bonus} and {@link #divergence} are
 * of one length, not negative, and sum to 1.
 */
public final class Divergence {
    /** The Kullback-Leibler divergence of the policy from the data, {@code f(x) = x log x}. */
    public static final Divergence KL = new Divergence(x -> x == 0 ? 0 : x * Math.log(x));

    /** Half the sum of absolute differences, {@code f(x) = |x - 1| / 2}. */
    public static final Divergence TOTAL_VARIATION = new Divergence(x -> Math.abs(x - 1) / 2);

    /** Twice the usual Jensen-Shannon divergence, {@code f(x) = -(x + 1) log((x + 1) / 2) + x log x}. */
    public static final Divergence JENSEN_SHANNON =
            new Divergence(x -> -(x + 1) * Math.log((x + 1) / 2) + (x == 0 ? 0 : x * Math.log(x)));

    private static final double SUM_TOLERANCE = 1e-6;

    private final DoubleUnaryOperator f;

    private Divergence(DoubleUnaryOperator f) {
        this.f = f;
    }

    /**
     * The divergence of any other f.
     *
     * @param f convex on [0, inf), with f(1) = 0
     * @throws IllegalArgumentException if f(1) is not 0
     */
    public static Divergence of(DoubleUnaryOperator f) {
        var atOne = f.applyAsDouble(1);
        if (!(Math.abs(atOne) <= SUM_TOLERANCE)) {
            throw new IllegalArgumentException("Cannot use f with f(1) = " + atOne + ": it must be 0");
        }
        return new Divergence(f);
    }

    /** {@code sum_a pi_b(a) f(pi(a) / pi_b(a))}; infinite where the policy acts as the data never does, if f grows so fast. */
    public double divergence(double[] policy, double[] behaviour) {
        check(policy, behaviour);
        var sum = 0.0;
        for (var a = 0; a < policy.length; a++) {
            if (behaviour[a] > 0) {
                sum += behaviour[a] * f.applyAsDouble(policy[a] / behaviour[a]);
            } else if (policy[a] > 0) {
                sum += policy[a] * growth();
            }
        }
        return sum;
    }

    /**
     * The bonus of each action. Where the policy never acts, pi(a) = 0, it is the limit of {@code -f(x) / x} for x to 0, which is
     * infinite for most f and counts for nothing; where the data never does, it is minus what f(x) / x grows to, minus infinity
     * for KL; where neither does, 0.
     *
     * @return {@code [actions]}
     */
    public double[] bonus(double[] policy, double[] behaviour) {
        check(policy, behaviour);
        var bonus = new double[policy.length];
        for (var a = 0; a < bonus.length; a++) {
            if (behaviour[a] > 0) {
                var x = policy[a] / behaviour[a];
                bonus[a] = x > 0 ? -f.applyAsDouble(x) / x : -f.applyAsDouble(Double.MIN_NORMAL) / Double.MIN_NORMAL;
            } else {
                bonus[a] = policy[a] > 0 ? -growth() : 0;
            }
        }
        return bonus;
    }

    /** The bonus of the Kullback-Leibler divergence as it is usually written, {@code log pi_b(a) - log pi(a)}. */
    public static double[] logRatio(double[] policy, double[] behaviour) {
        check(policy, behaviour);
        var bonus = new double[policy.length];
        for (var a = 0; a < bonus.length; a++) {
            bonus[a] = policy[a] == behaviour[a] ? 0 : Math.log(behaviour[a]) - Math.log(policy[a]);
        }
        return bonus;
    }

    /**
     * The bonus that holds the visited states, not the actions, to the data's, for known dynamics of finitely many states:
     * {@code b(a) = sum_s' p(s'|a) [ log p_b(s') - log p_pi(s') ]} with {@code p_pi(s') = sum_a pi(a) p(s'|a)} and p_b likewise.
     *
     * @param transition {@code [actions][states]}, the distribution of the next state after each action
     * @return {@code [actions]}; where p(s'|a) is 0 the state counts for nothing
     */
    public static double[] stateTransition(double[] policy, double[] behaviour, double[][] transition) {
        check(policy, behaviour);
        if (transition.length != policy.length) {
            throw new IllegalArgumentException(
                    "Cannot use transitions of " + transition.length + " actions: the policy has " + policy.length);
        }
        var states = transition.length == 0 ? 0 : transition[0].length;
        var underPolicy = new double[states];
        var underBehaviour = new double[states];
        for (var a = 0; a < policy.length; a++) {
            check(transition[a], "transition after action " + a);
            if (transition[a].length != states) {
                throw new IllegalArgumentException("Cannot use a transition to " + transition[a].length
                        + " states after action " + a + ": after action 0 there are " + states);
            }
            for (var s = 0; s < states; s++) {
                underPolicy[s] += policy[a] * transition[a][s];
                underBehaviour[s] += behaviour[a] * transition[a][s];
            }
        }
        var bonus = new double[policy.length];
        for (var a = 0; a < bonus.length; a++) {
            for (var s = 0; s < states; s++) {
                if (transition[a][s] > 0 && underPolicy[s] != underBehaviour[s]) {
                    bonus[a] += transition[a][s] * (Math.log(underBehaviour[s]) - Math.log(underPolicy[s]));
                }
            }
        }
        return bonus;
    }

    /** What f(x) / x comes to for large x. */
    private double growth() {
        var large = 1e100;
        var growth = f.applyAsDouble(large) / large;
        // The entropy-like ones grow without bound, but slowly: what has not settled by then never does.
        return Math.abs(f.applyAsDouble(large * large) / (large * large) - growth) > 1e-6
                ? Double.POSITIVE_INFINITY
                : growth;
    }

    private static void check(double[] policy, double[] behaviour) {
        if (policy.length != behaviour.length) {
            throw new IllegalArgumentException("Cannot compare distributions over " + policy.length + " and "
                    + behaviour.length + " actions: they must be as many");
        }
        check(policy, "policy");
        check(behaviour, "behaviour policy");
    }

    private static void check(double[] distribution, String what) {
        var sum = 0.0;
        for (var p : distribution) {
            if (!(p >= 0)) {
                throw new IllegalArgumentException(
                        "Cannot use a " + what + " with probability " + p + ": it is below 0");
            }
            sum += p;
        }
        if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new IllegalArgumentException(
                    "Cannot use a " + what + " whose probabilities sum to " + sum + ", not 1");
        }
    }
}
