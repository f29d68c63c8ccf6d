package io.hindcast.judge.policy;

import io.hindcast.data.Batch;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Episode.Features;
import io.hindcast.judge.RatioFeatures;
import io.hindcast.net.Actor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Features of logged steps of discrete actions, and of what a policy would do there. For one thread. */
final class PolicyFeatures {
    private final @Nullable Scaler scaler;
    private final RatioFeatures features;
    private final Choice choice;
    private final double[][] ones;

    /** How likely a policy chooses each action. */
    interface Choice {
        /**
         * Chances of each action in the rows of a batch, {@code [rows][actions]}; none if they are not known.
         *
         * @param observations as logged, {@code [rows * observation size]}
         * @param possible {@code [rows * actions]}; null: all
         */
        double[][] of(float[] observations, boolean @Nullable [] possible);

        /** Nobody knows but by what was done. */
        static Choice unknown() {
            return (observations, possible) -> new double[0][];
        }

        /** Of all possible actions alike. */
        static Choice uniform(int actions) {
            return (observations, possible) -> {
                var chances = new double[PlacedSteps.WIDTH][actions];
                for (var row = 0; row < chances.length; row++) {
                    var count = 0;
                    for (var a = 0; a < actions; a++) {
                        count += possible == null || possible[row * actions + a] ? 1 : 0;
                    }
                    for (var a = 0; a < actions; a++) {
                        chances[row][a] = possible == null || possible[row * actions + a] ? 1.0 / count : 0;
                    }
                }
                return chances;
            };
        }

        /** Of one action. */
        static Choice always(int actions, int action) {
            var chances = new double[PlacedSteps.WIDTH][actions];
            for (var row : chances) {
                row[action] = 1;
            }
            return (observations, possible) -> chances;
        }

        /** Of a policy as it acts. */
        static Choice of(Actor actor, Actor.Rule rule) {
            return (observations, possible) -> {
                actor.show(observations, possible);
                var chances = new double[PlacedSteps.WIDTH][];
                for (var row = 0; row < chances.length; row++) {
                    chances[row] = actor.probabilities(row, rule);
                }
                return chances;
            };
        }
    }

    /**
     * What is told of some steps.
     *
     * @param steps {@code [rows]}; null where the policy's choice is not known
     * @param afterwards of the states after them, {@code [rows]}; {@link Features#NONE} likewise
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Told(@Nullable Features[] steps, double[][] afterwards) {}

    /**
     * Those of a policy.
     *
     * @param scaler standardises observations as they were logged; null: no features are asked for
     */
    PolicyFeatures(@Nullable Scaler scaler, Spaces spaces, Choice choice) {
        var actions = spaces.actions().size();
        this.scaler = scaler;
        features = new RatioFeatures(actions, spaces.observationSize());
        this.choice = choice;
        ones = new double[scaler == null ? 0 : actions][actions];
        for (var a = 0; a < ones.length; a++) {
            ones[a][a] = 1;
        }
    }

    Told of(PlacedSteps placed) {
        var rows = placed.steps().rows();
        var told = new Told(new Features[rows], new double[rows][]);
        Arrays.fill(told.afterwards(), Features.NONE);
        for (var b = 0; scaler != null && b < placed.batches().size(); b++) {
            tell(placed, b, scaler, told);
        }
        return told;
    }

    private void tell(PlacedSteps placed, int b, Scaler scale, Told told) {
        var batch = placed.batches().get(b);
        var here = choice.of(batch.observations(), batch.possible(Field.ACTION_MASK));
        if (here.length == 0) {
            return;
        }
        // What is possible after the last step nobody logged.
        var next = choice.of(batch.nextObservations(), null);
        var scaled = scaled(scale, batch);
        for (var i = 0; i < PlacedSteps.WIDTH; i++) {
            var row = placed.rows()[b * PlacedSteps.WIDTH + i];
            if (row >= 0) {
                var action = features.of(scaled.observations(), i, ones[batch.actionIndices()[i]]);
                told.steps()[row] = new Features(action, features.of(scaled.observations(), i, here[i]));
                var afterwards = features.of(scaled.nextObservations(), i, next[i]);
                told.afterwards()[row] = isKnown(afterwards) ? afterwards : Features.NONE;
            }
        }
    }

    private static Batch scaled(Scaler scaler, Batch batch) {
        var rows = batch.copy();
        scaler.scale(rows.observations(), 0, scaler.size(), rows.size());
        scaler.scale(rows.nextObservations(), 0, scaler.size(), rows.size());
        return rows;
    }

    private static boolean isKnown(double[] features) {
        return Arrays.stream(features).noneMatch(Double::isNaN);
    }
}
