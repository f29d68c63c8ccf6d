package io.hindcast.judge.policy;

import io.hindcast.data.Spaces;
import io.hindcast.judge.policy.ClonedBehaviour.CloneOf;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stats.ExactMoments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How likely logged actions were under what logged them: as logged, or else as clones of it say. For one thread. */
final class Clones {
    private final ClonedBehaviour behaviour;
    private final List<Chance> chances = new ArrayList<>();
    private final ExactMoments told;

    Clones(ClonedBehaviour behaviour, CheckpointStore store, Spaces spaces, Kernels kernels) {
        this.behaviour = behaviour;
        var rule = new Actor.Rule(Preference.SAMPLED, 0, 0, Double.POSITIVE_INFINITY);
        for (var model : behaviour.models()) {
            var policy = store.read(model.checkpoint()).policy(spaces, kernels);
            chances.add(Chance.of(new Actor(kernels, policy, spaces, PlacedSteps.WIDTH), spaces, rule));
        }
        told = new ExactMoments(chances.size());
    }

    /** Natural logarithms, {@code [rows]}; NaN where neither the log nor a clone that learned from other episodes tells. */
    double[] logs(PlacedSteps placed) {
        var logs = placed.steps().logProbabilities().clone();
        if (behaviour.of() == CloneOf.ALL && !chances.isEmpty()) {
            Arrays.fill(logs, Double.NaN);
        }
        for (var m = 0; m < chances.size(); m++) {
            var wanted = new boolean[logs.length];
            var isWanted = false;
            for (var row = 0; row < logs.length; row++) {
                wanted[row] = Double.isNaN(logs[row])
                        && behaviour.models().get(m).mayTellOf(placed.steps().within()[row]);
                isWanted |= wanted[row];
            }
            if (isWanted) {
                var said = chances.get(m).logs(placed);
                for (var row = 0; row < logs.length; row++) {
                    if (wanted[row]) {
                        logs[row] = said[row];
                        told.add(m, said[row]);
                    }
                }
            }
        }
        return logs;
    }

    /** What each has told so far: logarithms of how likely it held what was done, in episodes that it did not learn from. */
    ExactMoments told() {
        return told;
    }
}
