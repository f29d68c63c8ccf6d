package io.hindcast.judge.policy;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.data.UniformActions;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Policy;
import java.util.Arrays;

/** How likely a policy does what was logged. For one thread. */
interface Chance {
    /** Natural logarithms, {@code [rows]}; minus infinity where it never does so, NaN where there is no chance in it. */
    double[] logs(PlacedSteps placed);

    /** Of what logged, which is compared with itself, whether or not its probabilities are known. */
    static Chance behaviour() {
        return placed -> new double[placed.steps().rows()];
    }

    /** Of all possible actions alike. */
    static Chance uniform(ActionSpace actions) {
        return placed -> {
            var batch = placed.steps().batch();
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

    /** Of a policy as it acts. */
    static Chance of(Kernels kernels, Policy policy, Spaces spaces, Actor.Rule rule) {
        var actor = new Actor(kernels, policy, spaces, PlacedSteps.WIDTH);
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
                        logs[row] = chances.get().logs()[i];
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
