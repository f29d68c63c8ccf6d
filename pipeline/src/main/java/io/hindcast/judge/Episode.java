package io.hindcast.judge;

import io.hindcast.config.UserException;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A logged episode as an estimator sees it: T steps, with the weights w_t, the discounts D_t, the rewards r_t, and the model's
 * values q_t of what was done and v_t of where it was done. What an episode lacks, {@link #has} tells; its numbers are then of no
 * use.
 */
public final class Episode {
    /** Beyond this, squares have no place in a double. */
    private static final double LARGEST = 1e150;

    private final String id;
    private final Ending ending;
    private final boolean isLearnedFrom;
    private final Set<Need> needs;
    private final Weights weights;
    private final double[] discounts;
    private final double[] rewards;
    private final double[] actionValues;
    private final double[] stateValues;
    private final List<double[]> actionFeatures;
    private final List<double[]> nextFeatures;
    private final double[] firstFeatures;

    private Episode(Fold fold, Ending ending, double endValue, double[] endFeatures) {
        id = fold.id;
        this.ending = ending;
        isLearnedFrom = fold.isLearnedFrom;
        // Nothing is known of what follows the last step: the model sees the episode end before it.
        var cut = ending != Ending.TERMINATED && Double.isNaN(endValue) && fold.needs.contains(Need.MODEL) ? 1 : 0;
        var length = fold.length - cut;
        needs = EnumSet.copyOf(fold.needs);
        if (length != 1) {
            needs.remove(Need.ONE_STEP);
        }
        if (length == 0) {
            needs.retainAll(EnumSet.of(Need.SAME_MEASURE));
        }
        weights = Weights.ofLogs(Arrays.copyOf(fold.logWeights, has(Need.WEIGHTS) ? length : 0));
        discounts = Arrays.copyOf(fold.discounts, length + 1);
        rewards = Arrays.copyOf(fold.rewards, length);
        actionValues = Arrays.copyOf(fold.actionValues, length);
        stateValues = Arrays.copyOf(fold.stateValues, length + 1);
        if (cut == 0) {
            stateValues[length] = ending == Ending.TERMINATED ? 0 : endValue;
        }
        nextFeatures = has(Need.FEATURES) ? fold.nextFeatures(ending, endFeatures) : List.of();
        actionFeatures = fold.actionFeatures.subList(0, nextFeatures.size());
        firstFeatures = nextFeatures.isEmpty() ? new double[0] : fold.stateFeatures.get(0);
        if (nextFeatures.isEmpty()) {
            needs.remove(Need.FEATURES);
        }
    }

    /**
     * A step of an episode; what is not known is NaN.
     *
     * @param policyLogProb natural logarithm of the probability (or density) of the logged action under the policy that is judged;
     *     minus infinity where it would never do so; infinity where the policy has a probability and the log a density
     * @param behaviourLogProb the same under what logged the action; of an action in the same units
     * @param reward what it earned
     * @param duration until the next step, in units of time; 1 where the log has no times
     * @param actionValue what the model says that the policy earns after this action, from this state on
     * @param stateValue what it says that the policy earns from this state on
     * @param features of this state and its actions, for {@link MarginalRatio}; null if they are not asked for, or not known
     */
    public record Step(
            double policyLogProb,
            double behaviourLogProb,
            double reward,
            double duration,
            double actionValue,
            double stateValue,
            @Nullable Features features) {
        /** One without features. */
        public Step(
                double policyLogProb,
                double behaviourLogProb,
                double reward,
                double duration,
                double actionValue,
                double stateValue) {
            this(policyLogProb, behaviourLogProb, reward, duration, actionValue, stateValue, null);
        }

        /** One without a model, a unit of time long. */
        public Step(double policyLogProb, double behaviourLogProb, double reward) {
            this(policyLogProb, behaviourLogProb, reward, 1, Double.NaN, Double.NaN);
        }
    }

    /**
     * Features of a step, of one length in all of them; kept, not copied.
     *
     * @param action of the state and what was done
     * @param state their mean over the actions of the policy in this state
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, not compared
    public record Features(double[] action, double[] state) {
        /** Of a state that is not known, or after which nothing follows. */
        public static final double[] NONE = new double[0];
    }

    /** Takes the steps of an episode in their order. */
    public static final class Fold {
        private final String id;
        private final double discount;
        private final EnumSet<Need> needs = EnumSet.allOf(Need.class);
        private boolean isLearnedFrom;
        private int length;
        private double[] logWeights = new double[8];
        private double[] discounts = new double[9];
        private double[] rewards = new double[8];
        private double[] actionValues = new double[8];
        private double[] stateValues = new double[9];
        private final List<double[]> actionFeatures = new ArrayList<>();
        private final List<double[]> stateFeatures = new ArrayList<>();
        /** discount^duration of each step, where there are features. */
        private final List<Double> factors = new ArrayList<>();

        /**
         * An episode without steps.
         *
         * @param discount of a unit of time, 0 to 1
         */
        public Fold(String id, double discount) {
            this.id = id;
            this.discount = discount;
            discounts[0] = 1;
        }

        /** Says that the policy that is judged learned from it. */
        public Fold learnedFrom() {
            isLearnedFrom = true;
            return this;
        }

        /**
         * Adds a step.
         *
         * @throws UserException if a number cannot be what it says
         */
        public Fold step(Step step) {
            var t = length++;
            if (length > rewards.length) {
                logWeights = Arrays.copyOf(logWeights, 2 * t);
                rewards = Arrays.copyOf(rewards, 2 * t);
                actionValues = Arrays.copyOf(actionValues, 2 * t);
                discounts = Arrays.copyOf(discounts, 2 * t + 1);
                stateValues = Arrays.copyOf(stateValues, 2 * t + 1);
            }
            logWeights[t] = (t == 0 ? 0 : logWeights[t - 1]) + logRatio(step, t);
            rewards[t] = number(step.reward(), "reward", t, Need.REWARDS);
            actionValues[t] = number(step.actionValue(), "action value", t, Need.MODEL);
            stateValues[t] = number(step.stateValue(), "state value", t, Need.MODEL);
            if (!(step.duration() >= 0 && step.duration() < Double.POSITIVE_INFINITY)) {
                throw wrong(t, "duration is " + step.duration() + "; it must be a number of 0 or more");
            }
            var factor = step.duration() == 1 ? discount : StrictMath.pow(discount, step.duration());
            discounts[t + 1] = discounts[t] * factor;
            if (step.features() == null) {
                needs.remove(Need.FEATURES);
            } else {
                actionFeatures.add(step.features().action());
                stateFeatures.add(step.features().state());
                factors.add(factor);
            }
            return this;
        }

        /** The features of the state after each step, times discount^duration; without those of a last state that is not known. */
        private List<double[]> nextFeatures(Ending ending, double[] endFeatures) {
            var next = new ArrayList<double[]>();
            for (var t = 1; t < length; t++) {
                next.add(times(factors.get(t - 1), stateFeatures.get(t)));
            }
            if (ending == Ending.TERMINATED) {
                next.add(new double[stateFeatures.get(0).length]);
            } else if (endFeatures.length > 0) {
                next.add(times(factors.get(length - 1), endFeatures));
            }
            return next;
        }

        private static double[] times(double factor, double[] features) {
            return Arrays.stream(features).map(feature -> factor * feature).toArray();
        }

        private double logRatio(Step step, int t) {
            var policy = step.policyLogProb();
            var behaviour = step.behaviourLogProb();
            if (Double.isInfinite(behaviour)) {
                throw wrong(
                        t,
                        "action has the logged log-probability " + behaviour + " and the policy's " + policy
                                + "; what was logged has a probability above 0: leave out a propensity that is not known");
            }
            if (policy == Double.POSITIVE_INFINITY && !Double.isNaN(behaviour)) {
                needs.remove(Need.SAME_MEASURE);
            }
            if (Double.isNaN(policy) || Double.isNaN(behaviour) || policy == Double.POSITIVE_INFINITY) {
                needs.remove(Need.WEIGHTS);
                return Double.NaN;
            }
            return policy - behaviour;
        }

        private double number(double value, String name, int t, Need need) {
            if (Double.isNaN(value)) {
                needs.remove(need);
            } else if (Math.abs(value) > LARGEST) {
                throw wrong(t, name + " is " + value + "; it must lie between -1e150 and 1e150");
            }
            return value;
        }

        private UserException wrong(int t, String what) {
            return new UserException("Cannot judge by episode " + id + ": in step " + t + " the " + what);
        }

        /**
         * The episode.
         *
         * @param ending how it ends: after TERMINATED nothing follows; TRUNCATED and OPEN are alike here
         * @param endValue what the model says of the state after the last step where the task went on; NaN if that state was not
         *     logged: then, if there is a model, the last step is left out
         * @throws UserException if it has no steps
         */
        public Episode end(Ending ending, double endValue) {
            return end(ending, endValue, Features.NONE);
        }

        /**
         * The same with features.
         *
         * @param endFeatures of the state after the last step where the task went on, as {@link Features#state}; none if not known: then
         *     the last step is no step of {@link MarginalRatio}
         */
        public Episode end(Ending ending, double endValue, double[] endFeatures) {
            if (length == 0) {
                throw new UserException("Cannot judge by episode " + id + ": it has no steps");
            }
            return new Episode(this, ending, endValue, endFeatures);
        }
    }

    /** What it is called, unique in its dataset. */
    public String id() {
        return id;
    }

    /** How many steps it has, T. */
    public int length() {
        return rewards.length;
    }

    /** How it ends. */
    public Ending ending() {
        return ending;
    }

    /** Whether the policy that is judged learned from it. */
    boolean isLearnedFrom() {
        return isLearnedFrom;
    }

    /** Whether it has what {@code need} asks for. */
    public boolean has(Need need) {
        return needs.contains(need);
    }

    /** Of these needs those that it does not fulfil. */
    Set<Need> lacks(Set<Need> wanted) {
        if (needs.containsAll(wanted)) {
            return Collections.emptySet();
        }
        var lacks = EnumSet.copyOf(wanted);
        lacks.removeAll(needs);
        // The better reason for the same.
        if (lacks.contains(Need.WEIGHTS) && !needs.contains(Need.SAME_MEASURE)) {
            lacks.remove(Need.WEIGHTS);
            lacks.add(Need.SAME_MEASURE);
        }
        return lacks;
    }

    /** w_t, the product of the ratios of the probabilities of steps 0 to t, {@code [T]}. */
    Weights weights() {
        return weights;
    }

    /** D_t, what a reward in step t is discounted by, from D_0 = 1 on to D_T, that of the end, {@code [T + 1]}. */
    double[] discounts() {
        return discounts;
    }

    /** What the policy earns from the first state on, says the model. */
    double firstStateValue() {
        return stateValues[0];
    }

    /** What the model says of step {@code t}'s action. */
    double actionValue(int t) {
        return actionValues[t];
    }

    /** What the model says of the state after step {@code t}, times discount^duration, where D_t is above 0. */
    double nextValue(int t) {
        return discounts[t + 1] / discounts[t] * stateValues[t + 1];
    }

    /** r_t, {@code [T]}. */
    double reward(int t) {
        return rewards[t];
    }

    /** G, the sum over t of D_t r_t. */
    double discountedReturn() {
        var sum = 0.0;
        for (var t = 0; t < length(); t++) {
            sum += discounts[t] * rewards[t];
        }
        return sum;
    }

    /** D_t r_t, {@code [T]}; in the last step also D_T v_T, if {@code tail} says so. */
    double[] discountedRewards(Tail tail) {
        var discounted = new double[length()];
        for (var t = 0; t < length(); t++) {
            discounted[t] = discounts[t] * rewards[t];
        }
        if (tail == Tail.MODEL) {
            discounted[length() - 1] += discounts[length()] * stateValues[length()];
        }
        return discounted;
    }

    /** D_t delta_t, {@code [T]}: the discounted errors of the model, r_t + discount^duration v_t+1 - q_t. */
    double[] discountedErrors() {
        var errors = new double[length()];
        for (var t = 0; t < length(); t++) {
            errors[t] = discounts[t] * (rewards[t] - actionValues[t]) + discounts[t + 1] * stateValues[t + 1];
        }
        return errors;
    }

    /** f_t of the steps that have features of what follows, a step shorter than the episode where its last state is not known. */
    List<double[]> actionFeatures() {
        return actionFeatures;
    }

    /** f'_t of the same steps: of what follows, times discount^duration; zeros where nothing does. */
    List<double[]> nextFeatures() {
        return nextFeatures;
    }

    /** Of the first state. */
    double[] firstFeatures() {
        return firstFeatures;
    }
}
