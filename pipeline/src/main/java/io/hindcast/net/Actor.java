package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.data.UniformActions;
import io.hindcast.kernel.Kernels;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way to ask a policy what it does: it is shown observations as they were logged, and which discrete actions are possible, and
 * tells actions in the units of the environment, and how likely they are. Scalers and bounds are the policy's own. What it tells
 * follows the policy's parameters as these change. For one thread.
 */
public final class Actor {
    private final ActionSpace actions;
    private final States states;
    private final Policy.Pass pass;
    private final @Nullable VectorChances vectors;

    /** Which action is taken. */
    public enum Preference {
        /** The likeliest. */
        GREEDY,
        /** One drawn from the policy, where it has probabilities; else the likeliest. */
        SAMPLED
    }

    /**
     * How an action is chosen.
     *
     * @param epsilon with this probability it is a uniformly random one instead
     * @param noise standard deviation of normal noise on the policy's own vectors, as policies see them: within [-1, 1]
     * @param noiseClip noise is clipped to [-noise-clip, noise-clip]
     */
    public record Rule(Preference preference, double epsilon, double noise, double noiseClip) implements Serializable {
        /** The likeliest action, or with probability {@code epsilon} a uniformly random one. */
        public static Rule greedy(double epsilon) {
            return new Rule(Preference.GREEDY, epsilon, 0, 0);
        }
    }

    /** An action, and the natural logarithm of the probability with which it was chosen, where that is told. */
    public record Choice(Action action, OptionalDouble logProbability) {}

    /**
     * An actor that is shown {@code rows} states at a time.
     *
     * @param kernels where it computes; it does not close them
     * @param spaces of the environment, or of the data
     */
    public Actor(Kernels kernels, Policy policy, Spaces spaces, int rows) {
        actions = spaces.actions();
        states = new States(kernels.matrix(spaces.observationSize(), rows));
        pass = policy.pass(states);
        vectors = actions instanceof ActionSpace.Continuous space ? new VectorChances(space) : null;
    }

    /**
     * Shows it states; all that it tells is about the ones shown last.
     *
     * @param observations {@code [rows * observation size]}, copied
     * @param possible {@code [rows * count]}, which discrete actions are possible, at least one in each row; null: all
     */
    public void show(float[] observations, boolean @Nullable [] possible) {
        states.observations().write(observations, 0);
        states.setPossible(possible);
        pass.forward();
    }

    /** The likeliest of the possible actions in a row. */
    public Action greedy(int row) {
        return pass.greedy(row);
    }

    /**
     * An action in a row, chosen by a rule. Of discrete actions it is told how likely it was; of vectors it is not, since at their
     * bounds that is no density: ask {@link #chances}.
     */
    public Choice choose(int row, Rule rule, RandomGenerator random) {
        var explores = random.nextDouble() < rule.epsilon();
        var own = explores ? UniformActions.draw(actions, possible(row), random) : preferred(row, rule, random);
        return new Choice(
                own,
                own instanceof Action.Index index
                        ? OptionalDouble.of(logProbability(row, rule, index.index()))
                        : OptionalDouble.empty());
    }

    private Action preferred(int row, Rule rule, RandomGenerator random) {
        var action = rule.preference() == Preference.SAMPLED ? pass.sample(row, random) : pass.greedy(row);
        return rule.noise() > 0 && action instanceof Action.Vector vector ? disturbed(vector, rule, random) : action;
    }

    private Action disturbed(Action.Vector action, Rule rule, RandomGenerator random) {
        var space = (ActionSpace.Continuous) actions;
        var values = new float[space.dimension()];
        for (var j = 0; j < values.length; j++) {
            var noise = rule.noise() * random.nextGaussian();
            values[j] = space.fromUnit(j, (float) (space.toUnit(j, action.values()[j])
                    + Math.max(-rule.noiseClip(), Math.min(rule.noiseClip(), noise))));
        }
        return new Action.Vector(values);
    }

    /**
     * How likely actions are where they are chosen by a rule, one in each of the states shown last: the rule's uniformly random
     * actions, and its noise, are a part of it.
     *
     * @param batch as many rows as states; its actions are asked for
     * @return empty if there is no chance: vectors of a policy that always does the same, by a rule without noise and without
     *     epsilon; and if it has no closed form: vectors drawn from the policy, and then disturbed too
     */
    public Optional<Chances> chances(Batch batch, Rule rule) {
        var rows = batch.size();
        var chances = new Chances(new double[rows], new int[rows]);
        if (vectors == null) {
            for (var row = 0; row < rows; row++) {
                chances.logs()[row] = logProbability(row, rule, batch.actionIndices()[row]);
            }
            return Optional.of(chances);
        }
        var isDrawn = rule.preference() == Preference.SAMPLED && pass.normal(0).isPresent();
        if (isDrawn ? rule.noise() > 0 : rule.noise() == 0 && rule.epsilon() == 0) {
            return Optional.empty();
        }
        for (var row = 0; row < rows; row++) {
            if (isDrawn) {
                vectors.drawn(pass.normal(row).orElseThrow(), rule.epsilon(), batch.actions(), row, chances);
            } else {
                vectors.disturbed((Action.Vector) pass.greedy(row), rule, batch.actions(), row, chances);
            }
        }
        return Optional.of(chances);
    }

    private double logProbability(int row, Rule rule, int chosen) {
        return Math.log(probabilities(row, rule)[chosen]);
    }

    /** How likely each discrete action is where it is chosen by a rule, {@code [count]}; 0 where it is impossible. */
    public double[] probabilities(int row, Rule rule) {
        var mask = possible(row);
        var drawn = rule.preference() == Preference.SAMPLED ? pass.probabilities(row) : Optional.<double[]>empty();
        var best = drawn.isPresent() ? -1 : ((Action.Index) pass.greedy(row)).index();
        var uniform = rule.epsilon() / UniformActions.count(actions.size(), mask);
        var chances = new double[actions.size()];
        for (var a = 0; a < chances.length; a++) {
            if (mask == null || mask[a]) {
                var own =
                        drawn.isPresent() ? (1 - rule.epsilon()) * drawn.get()[a] : a == best ? 1 - rule.epsilon() : 0;
                chances[a] = uniform + own;
            }
        }
        return chances;
    }

    /** pi(.|s) of a row, {@code [count]}, 0 where an action is impossible; empty if the policy has no such probabilities. */
    public Optional<double[]> probabilities(int row) {
        return pass.probabilities(row);
    }

    /** What the vectors of a row are drawn from, if the rule says so; empty if the policy draws no vectors. */
    public Optional<Normal> normal(int row) {
        return pass.normal(row);
    }

    /** What the network says: means, logits or values of actions, the impossible ones too, {@code [rows * size]}. */
    public float[] output() {
        return pass.output();
    }

    /**
     * How likely the policy itself is to do what was done, as it is trained by: of vectors as dense as they are drawn, before they are
     * cut to their bounds. Empty if it has no chance in it. See {@link #chances} for what happens where it acts.
     */
    public Optional<Likelihood> likelihood() {
        return pass.likelihood();
    }

    private boolean @Nullable [] possible(int row) {
        var all = states.possible();
        var count = actions.size();
        return all == null ? null : Arrays.copyOfRange(all, row * count, (row + 1) * count);
    }
}
