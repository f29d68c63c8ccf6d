package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** The problem that they judge. */
    public Spaces spaces() {
        return spaces;
    }

    /** Room for {@code size} samples of a state and an action, of continuous spaces. */
    StateActions samples(int size) {
        return new StateActions(kernels, spaces, size);
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
                members.stream().map(member -> member.pass(stateActions)).toList(), stateActions.columns(), null);
    }

    /** The same without a way back, see {@link Mlp#forwardOnly}. */
    public Pass forwardOnly(Matrix stateActions) {
        return forwardOnly(stateActions, null);
    }

    /** A way through all critics for {@code rows} actions that are not the data's, see {@link Pass#load}; continuous ones only. */
    public Pass pass(int rows) {
        var samples = samples(rows);
        return new Pass(
                members.stream().map(member -> member.pass(samples.matrix())).toList(), rows, samples);
    }

    /** The same without a way back. */
    public Pass forwardOnly(int rows) {
        var samples = samples(rows);
        return forwardOnly(samples.matrix(), samples);
    }

    private Pass forwardOnly(Matrix matrix, @Nullable StateActions samples) {
        return new Pass(
                members.stream().map(member -> member.forwardOnly(matrix)).toList(), matrix.columns(), samples);
    }

    /** One way through all critics, kept for the way back. */
    public final class Pass {
        private final List<Mlp.Pass> passes;
        private final float[][] outputs;
        private final float[][] picked;
        private final float[][] ofData;
        private final float[] outputGradient;
        private final int rows;
        private final @Nullable StateActions samples;
        private @Nullable Matrix actionSlopes;
        private float[] actionGradient = new float[0];
        private float[][] some = new float[0][];

        private Pass(List<Mlp.Pass> passes, int rows, @Nullable StateActions samples) {
            this.passes = passes;
            this.rows = rows;
            this.samples = samples;
            outputs = new float[members.size()][];
            picked = new float[members.size()][rows];
            ofData = new float[members.size()][];
            outputGradient = new float[rows * members.get(0).outputs()];
        }

        /** Puts in what is judged from now on, {@code [B * observation size]} and {@code [B * dimension]}; see {@link #pass(int)}. */
        public void load(float[] observations, float[] actions) {
            Objects.requireNonNull(samples, "a pass made for a number of rows").load(observations, actions);
        }

        /** What every critic says: an array {@code [B]} each, {@code [B * count]} where actions are discrete. */
        public float[][] forward() {
            for (var i = 0; i < outputs.length; i++) {
                forward(i);
            }
            return outputs;
        }

        /** What some of the critics say, those of these indices, as {@link #forward()}; overwritten by the next call. */
        public float[][] forward(int[] indices) {
            if (some.length != indices.length) {
                some = new float[indices.length][];
            }
            for (var j = 0; j < indices.length; j++) {
                some[j] = forward(indices[j]);
            }
            return some;
        }

        /** What critic {@code i} says, run alone. */
        public float[] forward(int i) {
            outputs[i] = passes.get(i).forward();
            return outputs[i];
        }

        /** Q_i(s, a) of the batch's actions, by all critics: an array {@code [B]} each. */
        public float[][] forward(Batch batch) {
            forward();
            return ofData(batch);
        }

        /** What every critic said last, as {@link #forward()}. */
        public float[][] outputs() {
            return outputs;
        }

        /** What they said last of the batch's actions, as {@link #forward(Batch)}. */
        float[][] ofData(Batch batch) {
            for (var i = 0; i < outputs.length; i++) {
                ofData[i] = ofData(i, batch);
            }
            return ofData;
        }

        /** What critic {@code i} said last of them, {@code [B]}. */
        float[] ofData(int i, Batch batch) {
            if (!(spaces.actions() instanceof ActionSpace.Discrete space)) {
                return outputs[i];
            }
            pick(outputs[i], space.count(), batch.actionIndices(), picked[i]);
            return picked[i];
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

        /** The gradient of {@code sum_i sum_b slopes_ib Q_i(s_b, a_b)} likewise, {@code [B]} a critic. */
        public void actionGradient(float[][] slopes, float[] sum) {
            Arrays.fill(sum, 0);
            for (var i = 0; i < slopes.length; i++) {
                addActionGradient(i, slopes[i], sum);
            }
        }

        /** As {@link #forward()}, with the gradient of {@code sum_i sum_b slope_b Q_i(s_b, a_b)}, one critic after the other. */
        public float[][] forward(float[] slope, float[] sum) {
            Arrays.fill(sum, 0);
            for (var i = 0; i < outputs.length; i++) {
                forward(i);
                addActionGradient(i, slope, sum);
            }
            return outputs;
        }

        private void addActionGradient(int i, float[] slope, float[] sum) {
            if (actionGradient.length == 0) {
                actionGradient = new float[sum.length];
            }
            actionGradient(i, slope, actionGradient);
            for (var k = 0; k < sum.length; k++) {
                sum[k] += actionGradient[k];
            }
        }
    }

    /** {@code picked_b = values[b, index_b]}. */
    public static void pick(float[] values, int count, int[] indices, float[] picked) {
        for (var b = 0; b < picked.length; b++) {
            picked[b] = values[b * count + indices[b]];
        }
    }
}
