package io.hindcast.judge.policy;

import io.hindcast.data.LoggedSteps;
import io.hindcast.data.Noise;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Judging;
import io.hindcast.run.LearnedValues;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** What models say of logged steps: of each step the first model that was fitted on other episodes. For one thread. */
final class Values {
    private final List<FittedModel> models;
    private final List<LearnedValues> learned = new ArrayList<>();

    /**
     * What is said of some steps, {@code [rows]} each; NaN where there is no such model.
     *
     * @param actions after what was done
     * @param states from the state on
     * @param nextStates from the next state on, of the rows whose next state matters
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Said(double[] actions, double[] states, double[] nextStates) {}

    Values(List<FittedModel> models, CheckpointStore store, Spaces spaces, Kernels kernels) {
        this.models = models;
        for (var model : models) {
            learned.add(Judging.values(store.read(model.checkpoint()), spaces, PlacedSteps.WIDTH, kernels, store));
        }
    }

    Said of(PlacedSteps placed) {
        var rows = placed.steps().rows();
        var said = new Said(unknown(rows), unknown(rows), unknown(rows));
        for (var b = 0; b < placed.batches().size() && !models.isEmpty(); b++) {
            for (var m = 0; m < models.size(); m++) {
                ask(placed, b, m, said);
            }
        }
        return said;
    }

    private void ask(PlacedSteps placed, int b, int m, Said said) {
        var from = b * PlacedSteps.WIDTH;
        var wanted = new boolean[PlacedSteps.WIDTH];
        var isWanted = false;
        var isNextWanted = false;
        for (var i = 0; i < wanted.length; i++) {
            var row = placed.rows()[from + i];
            wanted[i] = row >= 0
                    && Double.isNaN(said.states()[row])
                    && models.get(m).mayTellOf(placed.steps().within()[row]);
            isWanted |= wanted[i];
            isNextWanted |= wanted[i] && isAsked(placed.steps(), row);
        }
        if (!isWanted) {
            return;
        }
        var batch = placed.batches().get(b);
        var noise = new StepNoise(placed, from);
        var values = learned.get(m).of(batch, noise);
        for (var i = 0; i < wanted.length; i++) {
            if (wanted[i]) {
                var row = placed.rows()[from + i];
                said.actions()[row] = values.actionValues()[i];
                said.states()[row] = values.stateValues()[i];
            }
        }
        if (isNextWanted) {
            var nextStates = learned.get(m).afterwards(batch, noise);
            for (var i = 0; i < wanted.length; i++) {
                if (wanted[i]) {
                    said.nextStates()[placed.rows()[from + i]] = nextStates[i];
                }
            }
        }
    }

    /** Whether it matters what follows a step: only where the log of an episode, or of what was read of it, ends and the task goes on. */
    private static boolean isAsked(LoggedSteps steps, int row) {
        var isLast = row == steps.rows() - 1 || !steps.episodes()[row].equals(steps.episodes()[row + 1]);
        return isLast && !steps.terminated()[row];
    }

    private static double[] unknown(int rows) {
        var values = new double[rows];
        Arrays.fill(values, Double.NaN);
        return values;
    }

    /** Noise that is the same for a step wherever it stands. */
    private record StepNoise(PlacedSteps placed, int from) implements Noise {
        @Override
        public void normal(String name, float[] target) {
            fill(name, target, random -> (float) random.nextGaussian());
        }

        @Override
        public void uniform(String name, float[] target) {
            fill(name, target, random -> 2 * random.nextFloat() - 1);
        }

        @Override
        public void indices(String name, int bound, int[] target) {
            throw new UnsupportedOperationException("Cannot draw indices where values are asked for");
        }

        private interface Draw {
            float from(RandomGenerator random);
        }

        private void fill(String name, float[] target, Draw draw) {
            var width = target.length / PlacedSteps.WIDTH;
            for (var i = 0; i < PlacedSteps.WIDTH; i++) {
                var row = placed.rows()[from + i];
                if (row >= 0) {
                    var random = new Seeds(placed.hash(row))
                            .generator(name, placed.steps().steps()[row]);
                    for (var j = 0; j < width; j++) {
                        target[i * width + j] = draw.from(random);
                    }
                }
            }
        }
    }
}
