package io.hindcast.export;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Policy;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.Seeds;
import java.util.Arrays;

/**
 * The outputs of hindcast's own policy at {@value #ROWS} observations, to compare an exported policy with. The
 * observations are normal around the run's scaler where it has one, else standard normal.
 *
 * <p>A difference counts in a unit: half the range of an entry of the action; or the largest score of the row in size; and 1 if that is less.
 */
final class Comparison {
    static final int ROWS = 1000;
    static final double TOLERANCE = 1e-5;

    private final String run;
    private final float[] observations;
    private final int outputs;
    private final float[] expected;
    private final double[] units;
    /** Which actions are possible, one of each row at least; empty where actions are vectors. */
    private final boolean[] possible;
    /** Which of them our own policy chooses; empty where actions are vectors. */
    private final int[] choices;

    private Comparison(
            String run,
            float[] observations,
            int outputs,
            float[] expected,
            double[] units,
            boolean[] possible,
            int[] choices) {
        this.run = run;
        this.observations = observations;
        this.outputs = outputs;
        this.expected = expected;
        this.units = units;
        this.possible = possible;
        this.choices = choices;
    }

    static Comparison of(Checkpoint checkpoint, Spaces spaces, Policy policy, Kernels kernels) {
        var observations = draw(checkpoint, spaces.observationSize());
        var actor = new Actor(kernels, policy, spaces, ROWS);
        var possible = possible(checkpoint, spaces.actions());
        var choices = new int[possible.length == 0 ? 0 : ROWS];
        actor.show(observations, possible.length == 0 ? null : possible);
        var n = spaces.actions().size();
        var expected = new float[ROWS * n];
        var units = new double[ROWS * n];
        for (var row = 0; row < ROWS; row++) {
            if (spaces.actions() instanceof ActionSpace.Continuous space
                    && actor.greedy(row) instanceof Action.Vector action) {
                System.arraycopy(action.values(), 0, expected, row * n, n);
                for (var j = 0; j < n; j++) {
                    units[row * n + j] = Math.max(1, space.halfRange(j));
                }
            } else {
                choices[row] = ((Action.Index) actor.greedy(row)).index();
                System.arraycopy(actor.output(), row * n, expected, row * n, n);
                var largest = 1.0;
                for (var k = row * n; k < (row + 1) * n; k++) {
                    largest = Math.max(largest, Math.abs(expected[k]));
                }
                Arrays.fill(units, row * n, (row + 1) * n, largest);
            }
        }
        for (var value : expected) {
            if (!Float.isFinite(value)) {
                throw new ExportedPolicy.Refused("Cannot export the policy of "
                        + checkpoint.spec().id() + " at step " + checkpoint.step() + ": it gives " + value
                        + "; export a checkpoint from before it diverged");
            }
        }
        return new Comparison(checkpoint.spec().id(), observations, n, expected, units, possible, choices);
    }

    private static float[] draw(Checkpoint checkpoint, int size) {
        var random = new Seeds(checkpoint.spec().seed()).generator("export", checkpoint.step());
        var scaler = Transformation.scaler(checkpoint.spec().transformations());
        var observations = new float[ROWS * size];
        for (var i = 0; i < observations.length; i++) {
            var j = i % size;
            var normal = random.nextGaussian();
            observations[i] = (float) scaler.map(s -> s.mean().get(j) + (s.std().get(j) + s.epsilon()) * normal)
                    .orElse(normal)
                    .doubleValue();
        }
        return observations;
    }

    /** Of a run that learned from what was possible half of the actions, at random; else all. */
    private static boolean[] possible(Checkpoint checkpoint, ActionSpace actions) {
        var count = actions instanceof ActionSpace.Discrete space ? space.count() : 0;
        var possible = new boolean[ROWS * count];
        Arrays.fill(possible, true);
        if (checkpoint.learnedFromMasks()) {
            var random = new Seeds(checkpoint.spec().seed()).generator("export masks", checkpoint.step());
            for (var row = 0; row < ROWS && count > 0; row++) {
                var always = random.nextInt(count);
                for (var k = 0; k < count; k++) {
                    possible[row * count + k] = k == always || random.nextBoolean();
                }
            }
        }
        return possible;
    }

    /** Which actions are possible, a 1 or a 0 each, {@code [ROWS * count]}. */
    float[] possible() {
        var numbers = new float[possible.length];
        for (var k = 0; k < numbers.length; k++) {
            numbers[k] = possible[k] ? 1 : 0;
        }
        return numbers;
    }

    /** {@code [ROWS * observation size]}; not to be changed. */
    float[] observations() {
        return observations;
    }

    /**
     * Makes sure that an exported form does the same.
     *
     * @param format which
     * @param actual its actions or scores, {@code [ROWS * size]}
     * @return the largest difference, in units
     * @throws ExportedPolicy.Refused if it is more than {@value #TOLERANCE}
     */
    double require(ExportFormat format, float[] actual) {
        if (actual.length != expected.length) {
            throw new ExportedPolicy.Refused("Cannot export the policy of " + run + " as " + format + ": it gives "
                    + actual.length / ROWS + " numbers a row, not " + outputs);
        }
        var largest = 0.0;
        for (var k = 0; k < expected.length; k++) {
            if (format == ExportFormat.DL4J && possible.length > 0 && !possible[k]) {
                continue; // It is put far below all others.
            }
            var difference = Math.abs(actual[k] - expected[k]) / units[k];
            // Written so that NaN is found.
            if (!(difference <= TOLERANCE)) {
                throw new ExportedPolicy.Refused("Cannot export the policy of " + run + " as " + format
                        + ": at observation " + k / outputs + " it gives " + actual[k] + ", not " + expected[k]
                        + "; use the checkpoint itself");
            }
            largest = Math.max(largest, difference);
        }
        return largest;
    }

    /**
     * Makes sure that an exported form chooses the same discrete actions; among scores that differ by less than the tolerance
     * it may choose another.
     *
     * @param actual indices, {@code [ROWS]}
     */
    void requireChoices(ExportFormat format, int[] actual) {
        for (var row = 0; row < ROWS; row++) {
            var ours = choices[row];
            var isPossible = possible[row * outputs + actual[row]];
            // In either direction: what has a larger score may be ruled out.
            var behind = Math.abs(expected[row * outputs + ours] - expected[row * outputs + actual[row]]);
            if (!isPossible || behind > 2 * TOLERANCE * units[row * outputs]) {
                throw new ExportedPolicy.Refused("Cannot export the policy of " + run + " as " + format
                        + ": at observation " + row + " it chooses action " + actual[row] + ", not " + ours
                        + "; use the checkpoint itself");
            }
        }
    }
}
