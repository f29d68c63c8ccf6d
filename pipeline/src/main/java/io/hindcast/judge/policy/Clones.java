package io.hindcast.judge.policy;

import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.CheckpointStore;
import java.util.ArrayList;
import java.util.List;

/** How likely logged actions were under what logged them: as logged, or else as clones of it say. For one thread. */
final class Clones {
    private final List<FittedModel> models;
    private final List<Chance> chances = new ArrayList<>();

    Clones(List<FittedModel> models, CheckpointStore store, Spaces spaces, Kernels kernels) {
        this.models = models;
        var rule = new Actor.Rule(Preference.SAMPLED, 0, 0, Double.POSITIVE_INFINITY);
        for (var model : models) {
            chances.add(Chance.of(kernels, store.read(model.checkpoint()).policy(spaces, kernels), spaces, rule));
        }
    }

    /** Natural logarithms, {@code [rows]}; NaN where neither the log nor a clone that learned from other episodes tells. */
    double[] logs(PlacedSteps placed) {
        var logs = placed.steps().logProbabilities().clone();
        for (var m = 0; m < models.size(); m++) {
            var wanted = new boolean[logs.length];
            var isWanted = false;
            for (var row = 0; row < logs.length; row++) {
                wanted[row] = Double.isNaN(logs[row])
                        && models.get(m).mayTellOf(placed.steps().within()[row]);
                isWanted |= wanted[row];
            }
            if (isWanted) {
                var told = chances.get(m).logs(placed);
                for (var row = 0; row < logs.length; row++) {
                    logs[row] = wanted[row] ? told[row] : logs[row];
                }
            }
        }
        return logs;
    }
}
