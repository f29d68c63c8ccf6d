package io.hindcast.judge.policy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.data.UniformActions;
import io.hindcast.net.Actor;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.commons.lang3.StringUtils;

/** How likely a policy does what was logged. For one thread. */
interface Chance {
    /** By so much the logarithm of a probability may be above 0. */
    double ROUNDING = 1e-6;

    /**
     * Natural logarithms, {@code [rows]}; minus infinity where it never does so, NaN where there is no chance in it. Infinity where an
     * entry of a vector has a probability by itself and the log can have no more than a density there: {@link AtBounds}.
     */
    double[] logs(PlacedSteps placed);

    /** Of what logged, which is compared with itself, whether or not its probabilities are known. */
    static Chance behaviour() {
        return placed -> new double[placed.steps().rows()];
    }

    /** Of all possible actions alike. */
    static Chance uniform(ActionSpace actions) {
        return placed -> {
            var batch = placed.steps().batch();
            if (actions instanceof ActionSpace.Continuous space) {
                return IntStream.range(0, batch.size())
                        .mapToDouble(row -> AtBounds.count(space, batch.actions(), row) > 0
                                ? Double.NEGATIVE_INFINITY
                                : UniformActions.logDensity(space, null))
                        .toArray();
            }
            var possible = batch.possible(Field.ACTION_MASK);
            var logs = new double[batch.size()];
            for (var row = 0; row < logs.length; row++) {
                var mask = possible == null ? null : mask(possible, row, actions.size());
                logs[row] = mask != null && !mask[batch.actionIndices()[row]]
                        ? Double.NEGATIVE_INFINITY
                        : UniformActions.logDensity(actions, mask);
            }
            return logs;
        };
    }

    /** Of one discrete action. */
    static Chance always(int action) {
        return placed -> {
            var indices = placed.steps().batch().actionIndices();
            return Arrays.stream(indices)
                    .mapToDouble(index -> index == action ? 0 : Double.NEGATIVE_INFINITY)
                    .toArray();
        };
    }

    /**
     * Of one whose chances stand in the log; not known where its column has no number.
     *
     * @throws UserException while asked, of a number that is no such chance
     */
    static Chance logged(JudgedPolicy.Logged policy, ActionSpace actions) {
        return placed -> {
            var steps = placed.steps();
            var texts = Objects.requireNonNull(steps.kept().get(policy.column()));
            var logs = new double[texts.length];
            for (var row = 0; row < texts.length; row++) {
                var text = texts[row];
                var log = text == null ? Double.NaN : log(text, policy.scale());
                if (text != null
                        && (Double.isNaN(log)
                                || log == Double.POSITIVE_INFINITY
                                || (log > ROUNDING && actions instanceof ActionSpace.Discrete))) {
                    throw new UserException("Cannot judge by column '" + policy.column() + "': in step "
                            + steps.steps()[row] + " of episode " + steps.episodes()[row] + " it holds '"
                            + StringUtils.abbreviate(text, 40) + "'; " + range(policy.scale(), actions));
                }
                logs[row] = log > 0 && actions instanceof ActionSpace.Discrete ? 0 : log;
            }
            return logs;
        };
    }

    private static double log(String text, JudgedPolicy.Scale scale) {
        try {
            var number = Double.parseDouble(text);
            return scale == JudgedPolicy.Scale.PROBABILITY ? Math.log(number) : number;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static String range(JudgedPolicy.Scale scale, ActionSpace actions) {
        var isDiscrete = actions instanceof ActionSpace.Discrete;
        if (scale == JudgedPolicy.Scale.LOGARITHM) {
            return isDiscrete
                    ? "the logarithm of a probability is at most 0; probabilities are judge.policies.NAME.column"
                    : "the logarithm of a density is a number";
        }
        return isDiscrete
                ? "a probability is from 0 to 1; logarithms of them are judge.policies.NAME.log-column"
                : "a density is a number of 0 or more; logarithms of them are judge.policies.NAME.log-column";
    }

    /**
     * Of a policy as it acts.
     *
     * @param actor of {@link PlacedSteps#WIDTH} rows
     */
    static Chance of(Actor actor, Spaces spaces, Actor.Rule rule) {
        return placed -> {
            var logs = new double[placed.steps().rows()];
            Arrays.fill(logs, Double.NaN);
            for (var b = 0; b < placed.batches().size(); b++) {
                var batch = placed.batches().get(b);
                actor.show(batch.observations(), batch.possible(Field.ACTION_MASK));
                var chances = actor.chances(batch, rule);
                if (chances.isEmpty()) {
                    return logs;
                }
                for (var i = 0; i < PlacedSteps.WIDTH; i++) {
                    var row = placed.rows()[b * PlacedSteps.WIDTH + i];
                    if (row >= 0) {
                        logs[row] = AtBounds.comparable(spaces.actions(), batch.actions(), i, chances.get());
                    }
                }
            }
            return logs;
        };
    }

    private static boolean[] mask(boolean[] possible, int row, int count) {
        return Arrays.copyOfRange(possible, row * count, (row + 1) * count);
    }
}
