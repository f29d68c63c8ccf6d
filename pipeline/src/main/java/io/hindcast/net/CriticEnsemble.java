package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Several critics of one shape. A continuous critic takes (s, a) and gives one number; a discrete one takes s and gives one
 * number an action, of which Q(s, a) is picked.
 */
public final class CriticEnsemble {
    private final Kernels kernels;
    private final Spaces spaces;
    private final List<Mlp> members;

    /** {@code count} critics. */
    public CriticEnsemble(Kernels kernels, Spaces spaces, NetworkConfig config, int count) {
        this.kernels = kernels;
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

    /** How many critics. */
    public int size() {
        return members.size();
    }

    /** Adds the critics to {@code networks} as {@code prefix_0}, {@code prefix_1} and so on. */
    public void nameIn(Map<String, Network> networks, String prefix) {
        for (var i = 0; i < members.size(); i++) {
            networks.put(prefix + "_" + i, members.get(i));
        }
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

    /** Polyak averaging of every member towards its online critic; a rate of 1 is a hard copy. */
    public void follow(CriticEnsemble online, double rate) {
        for (var i = 0; i < members.size(); i++) {
            members.get(i).follow(online.members.get(i), rate);
        }
    }

    /** A way through all critics for the samples in {@code stateActions}, see {@link Inputs#stateActions}. */
    public Pass pass(Matrix stateActions) {
        return new Pass(
                stateActions,
                members.stream().map(member -> member.pass(stateActions)).toList());
    }

    /** The same without a way back, see {@link Mlp#forwardOnly}. */
    public Pass forwardOnly(Matrix stateActions) {
        return new Pass(
                stateActions,
                members.stream().map(member -> member.forwardOnly(stateActions)).toList());
    }

    /** One way through all critics, kept for the way back. */
    public final class Pass {
        private final List<Mlp.Pass> passes;
        private final float[][] outputs;
        private final float[][] picked;
        private final float[] outputGradient;
        private final int rows;
        private @Nullable Matrix actionSlopes;

        private Pass(Matrix stateActions, List<Mlp.Pass> passes) {
            rows = stateActions.columns();
            this.passes = passes;
            outputs = new float[members.size()][];
            picked = new float[members.size()][rows];
            outputGradient = new float[rows * members.get(0).outputs()];
        }

        /** What every critic says: an array {@code [B]} each, {@code [B * count]} where actions are discrete. */
        public float[][] forward() {
            for (var i = 0; i < outputs.length; i++) {
                forward(i);
            }
            return outputs;
        }

        /** What critic {@code i} says, run alone. */
        public float[] forward(int i) {
            outputs[i] = passes.get(i).forward();
            return outputs[i];
        }

        /** Q_i(s, a) of the batch's actions after {@link #forward()}: an array {@code [B]} a critic. */
        public float[][] ofData(Batch batch) {
            if (!(spaces.actions() instanceof ActionSpace.Discrete space)) {
                return outputs;
            }
            for (var i = 0; i < picked.length; i++) {
                pick(outputs[i], space.count(), batch.actionIndices(), picked[i]);
            }
            return picked;
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

        /** Writes the gradients of critic {@code i}, given the loss's gradient in all it said, as {@link #forward(int)}. */
        public void backward(int i, float[] slope) {
            passes.get(i).backward(slope);
        }

        /**
         * The gradient of {@code sum_b slope_b Q_i(s_b, a_b)} in the actions; the critics' own gradients stay. For continuous
         * actions only.
         *
         * @param slope {@code [B]}
         * @param actionGradient {@code [B * dimension]}, written
         */
        public void actionGradient(int i, float[] slope, float[] actionGradient) {
            if (actionSlopes == null) {
                actionSlopes = kernels.matrix(spaces.actions().size(), rows);
            }
            passes.get(i).inputGradient(slope, spaces.observationSize(), actionSlopes);
            actionSlopes.read(actionGradient, 0);
        }
    }

    /** {@code picked_b = values[b, index_b]}. */
    public static void pick(float[] values, int count, int[] indices, float[] picked) {
        for (var b = 0; b < picked.length; b++) {
            picked[b] = values[b * count + indices[b]];
        }
    }
}
