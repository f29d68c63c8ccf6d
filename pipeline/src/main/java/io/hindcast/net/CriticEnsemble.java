package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Several critics of one shape. A continuous critic takes (s, a) and gives one number; a discrete one takes s and gives one
 * number an action, of which Q(s, a) is picked.
 */
public final class CriticEnsemble {
    private final Spaces spaces;
    private final List<Mlp> members;

    /** {@code count} critics. */
    public CriticEnsemble(Kernels kernels, Spaces spaces, NetworkConfig config, int count) {
        this.spaces = spaces;
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        var inputs = spaces.observationSize() + (continuous ? spaces.actions().size() : 0);
        var outputs = continuous ? 1 : spaces.actions().size();
        members = IntStream.range(0, count)
                .mapToObj(i -> new Mlp(kernels, inputs, config, outputs))
                .toList();
    }

    /** The critics themselves. */
    public List<Mlp> members() {
        return members;
    }

    /** Draws all parameters anew. */
    public void initialise(RandomGenerator random) {
        members.forEach(member -> member.initialise(random));
    }

    /** Takes over the parameters of an ensemble of the same shape. */
    public void copyFrom(CriticEnsemble other) {
        for (var i = 0; i < members.size(); i++) {
            members.get(i).copyFrom(other.members.get(i));
        }
    }

    /** Polyak averaging of every member towards its online critic. */
    public void follow(CriticEnsemble online, double rate) {
        for (var i = 0; i < members.size(); i++) {
            members.get(i).follow(online.members.get(i), rate);
        }
    }

    /** A way through all critics for the samples in {@code stateActions}, see {@link Inputs#stateActions}. */
    public Pass pass(Matrix stateActions) {
        return new Pass(stateActions);
    }

    /** One way through all critics, kept for the way back. */
    public final class Pass {
        private final List<Mlp.Pass> passes;
        private final float[][] values;
        private final float[] outputGradient;

        private Pass(Matrix stateActions) {
            var rows = stateActions.columns();
            passes = members.stream().map(member -> member.pass(stateActions)).toList();
            values = new float[members.size()][rows];
            outputGradient = new float[rows * members.get(0).outputs()];
        }

        /** Q_i(s, a) of the batch's actions: an array {@code [B]} a critic, overwritten by the next call. */
        public float[][] forward(Batch batch) {
            for (var i = 0; i < values.length; i++) {
                var output = passes.get(i).forward();
                if (spaces.actions() instanceof ActionSpace.Discrete space) {
                    for (var b = 0; b < batch.size(); b++) {
                        values[i][b] = output[b * space.count() + batch.actionIndices()[b]];
                    }
                } else {
                    System.arraycopy(output, 0, values[i], 0, values[i].length);
                }
            }
            return values;
        }

        /** Writes the gradients of critic {@code i}, given the loss's gradient in Q_i(s, a), {@code [B]}. */
        public void backward(int i, Batch batch, float[] slope) {
            if (spaces.actions() instanceof ActionSpace.Discrete space) {
                Arrays.fill(outputGradient, 0);
                for (var b = 0; b < batch.size(); b++) {
                    outputGradient[b * space.count() + batch.actionIndices()[b]] = slope[b];
                }
                passes.get(i).backward(outputGradient);
            } else {
                passes.get(i).backward(slope);
            }
        }
    }
}
