package io.hindcast.kernel;

import java.util.function.DoubleUnaryOperator;

/**
 * An f-divergence (Csiszár 1967) between a policy and the behaviour policy of the data,
 * {@code D(pi, pi_b) = sum_a pi_b(a) f(pi(a) / pi_b(a))} with f convex and f(1) = 0, and the reward bonus that holds a policy to
 * its data by it: {@code b(a) = -(pi_b(a) / pi(a)) f(pi(a) / pi_b(a))}, whose expectation under the policy is minus the divergence
 * (Berkeley CS285, homework 5). All logarithms are natural.
 *
 * <p>Distributions are arrays of probabilities, {@code [actions]}, over the actions of one state: the policy's and the behaviour
 * policy's are of one length, each probability is 0 or more, and their sum is 1 to within 1e-6. Anything else is an
 * {@link IllegalArgumentException}.
 *
 * <p>A probability of 0 stands for the limit towards it, with x = pi(a) / pi_b(a):
 *
 * <ul>
 *   <li>where the data never acts but the policy does, x is infinite: the bonus is minus the limit of f(x) / x, which is minus
 *       infinity for KL, -1/2 for total variation and -log 2 for Jensen-Shannon. An x above 1e300 counts as infinite;
 *   <li>where the policy never acts but the data does, x is 0: the bonus is minus the limit of f(x) / x there, which is infinity
 *       for KL and minus infinity for the other two. In the expectation such an action counts for {@code -pi_b(a) f(0)}, the limit
 *       of {@code pi(a) b(a)}, which is 0 for KL;
 *   <li>where neither acts, the bonus is 0, and nothing is added to the divergence.
 * </ul>
 */
public final class Divergence {
    /** The Kullback-Leibler divergence of the policy from the data, {@code f(x) = x log x}: from 0 to infinity. */
    public static final Divergence KL = new Divergence(x -> x == 0 ? 0 : x * Math.log(x));

    /** Half the sum of absolute differences, {@code f(x) = |x - 1| / 2}: from 0 to 1. */
    public static final Divergence TOTAL_VARIATION = new Divergence(x -> Math.abs(x - 1) / 2);

    /**
     * Twice the usual Jensen-Shannon divergence, {@code f(x) = -(x + 1) log((x + 1) / 2) + x log x} (Nowozin, Cseke and Tomioka
     * 2016): from 0 to 2 log 2.
     */
    public static final Divergence JENSEN_SHANNON =
            new Divergence(x -> -(x + 1) * Math.log((x + 1) / 2) + (x == 0 ? 0 : x * Math.log(x)));

    private static final double TOLERANCE = 1e-6;

    /** From here on a ratio of probabilities is infinite: x log x still fits a double. */
    private static final double LARGEST_RATIO = 1e300;

    private final DoubleUnaryOperator f;

    private Divergence(DoubleUnaryOperator f) {
        this.f = f;
    }

    /**
     * The divergence of any other f.
     *
     * @param f convex, with f(1) = 0 and a value, which may be infinite, everywhere on [0, inf): at 0 its limit. Convexity is not
     *     checked
     * @throws IllegalArgumentException if f(1) is not 0, or f(0) is not a number
     */
    public static Divergence of(DoubleUnaryOperator f) {
        var atOne = f.applyAsDouble(1);
        if (!(Math.abs(atOne) <= TOLERANCE)) {
            throw new IllegalArgumentException("Cannot use f with f(1) = " + atOne + ": it must be 0");
        }
        if (Double.isNaN(f.applyAsDouble(0))) {
            throw new IllegalArgumentException("Cannot use f with f(0) = NaN: it must be the limit of f(x) for x to 0");
        }
        return new Divergence(f);
    }

    /** {@code sum_a pi_b(a) f(pi(a) / pi_b(a))}, 0 or more; it may be infinite where a probability is 0. */
    public double divergence(double[] policy, double[] behaviour) {
        check(policy, behaviour);
        var sum = 0.0;
        for (var a = 0; a < policy.length; a++) {
            // Not a number where neither acts, which adds nothing.
            var x = policy[a] / behaviour[a];
            if (x > LARGEST_RATIO) {
                sum += policy[a] * slopeAtInfinity();
            } else if (x >= 0) {
                sum += behaviour[a] * f.applyAsDouble(x);
            }
        }
        return sum;
    }

    /**
     * {@code -(1 / x) f(x)} of each action, with {@code x = pi(a) / pi_b(a)}.
     *
     * @return {@code [actions]}
     */
    public double[] bonus(double[] policy, double[] behaviour) {
        check(policy, behaviour);
        var bonus = new double[policy.length];
        for (var a = 0; a < bonus.length; a++) {
            // Not a number where neither acts, which leaves 0.
            var x = policy[a] / behaviour[a];
            if (x > LARGEST_RATIO) {
                bonus[a] = -slopeAtInfinity();
            } else if (x == 0) {
                bonus[a] = -slopeAtZero();
            } else if (x > 0) {
                bonus[a] = -f.applyAsDouble(x) / x;
            }
        }
        return bonus;
    }

    /**
     * The bonus of one action, {@code -(1 / x) f(x)} with {@code log x = logPolicy - logBehaviour}; these may be densities.
     *
     * @param logPolicy log pi(a), finite
     * @param logBehaviour log pi_b(a), finite
     */
    public double bonus(double logPolicy, double logBehaviour) {
        if (this == KL) {
            return logBehaviour - logPolicy;
        }
        var x = Math.exp(logPolicy - logBehaviour);
        return x > LARGEST_RATIO ? -slopeAtInfinity() : x == 0 ? -slopeAtZero() : -f.applyAsDouble(x) / x;
    }

    /**
     * The bonus of the Kullback-Leibler divergence as it is usually written, {@code log pi_b(a) - log pi(a)}: minus infinity where
     * only the policy acts, infinity where only the data does, 0 where neither does.
     *
     * @return {@code [actions]}
     */
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
     * @return {@code [actions]}; a state with p(s'|a) = 0 counts for nothing, whatever its marginals. An action that may lead where
     *     only the policy comes, p_b(s') = 0, has minus infinity; one that may lead where only the data comes, infinity; one that
     *     may lead to both, which neither policy ever takes, minus infinity
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
                if (transition[a][s] > 0
                        && underPolicy[s] != underBehaviour[s]
                        && bonus[a] != Double.NEGATIVE_INFINITY) {
                    var logRatio = Math.log(underBehaviour[s]) - Math.log(underPolicy[s]);
                    bonus[a] = underBehaviour[s] == 0 ? logRatio : bonus[a] + transition[a][s] * logRatio;
                }
            }
        }
        return bonus;
    }

    private double slopeAtInfinity() {
        return slope(1e150, LARGEST_RATIO);
    }

    private double slopeAtZero() {
        return slope(1e-150, 1e-300);
    }

    /** The limit of f(x) / x by way of two far values of x: one that has not settled by then is infinite, however slow its growth. */
    private double slope(double far, double farther) {
        var slope = f.applyAsDouble(farther) / farther;
        var change = Math.abs(slope - f.applyAsDouble(far) / far);
        return change <= TOLERANCE * Math.max(1, Math.abs(slope))
                ? slope
                : Math.copySign(Double.POSITIVE_INFINITY, slope);
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
                        "Cannot use a " + what + " with probability " + p + ": it must be 0 or more");
            }
            sum += p;
        }
        if (!(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException(
                    "Cannot use a " + what + " whose probabilities sum to " + sum + ", not 1");
        }
    }
}
