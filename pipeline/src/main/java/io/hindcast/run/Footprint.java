package io.hindcast.run;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.Precision;

/**
 * The memory of a run, without the data it learns from: measured by making its learner and letting it do one update.
 *
 * @param nativeBytes outside the Java heap: weights, activations and gradients
 * @param heapBytes on the Java heap: parameters, gradients and the optimisers' moments
 */
public record Footprint(long nativeBytes, long heapBytes) {

    /**
     * Of a run of this specification.
     *
     * @param store where its checkpoints stand
     */
    public static Footprint of(RunSpec spec, Spaces spaces, CheckpointStore store) {
        // In float32 whatever the precision, since executors may have other processors than the driver.
        try (var kernels = new Nd4jKernels()) {
            var seeds = new Seeds(spec.seed());
            var data = oneTransition(RowLayout.of(spaces).with(spec.config().fields()));
            var learner = Judging.learner(spec, data, kernels, store);
            TrainingLoop.update(learner, data, new Batch(data.layout(), spec.batchSize()), seeds, 1);
            var floats = 0L;
            for (var network : learner.networks().values()) {
                // Beside every parameter stands its gradient.
                floats += 2L * network.parameters().values().length;
            }
            for (var adam : learner.optimisers().values()) {
                for (var moment : adam.firstMoments()) {
                    floats += 2L * moment.length;
                }
            }
            // Rounded copies are half as large, or a little more where columns are filled up.
            var copies = spec.precision() == Precision.FLOAT32 ? 0 : kernels.bytes();
            return new Footprint(kernels.bytes() + copies, floats * Float.BYTES);
        }
    }

    private static ReplayBuffer oneTransition(RowLayout layout) {
        var spaces = layout.spaces();
        var data = new ReplayBuffer(layout, 1);
        var observation = new float[spaces.observationSize()];
        var action = spaces.actions() instanceof ActionSpace.Continuous space
                ? new Action.Vector(new float[space.dimension()])
                : new Action.Index(0);
        data.append(observation, action, 0, observation, TerminalFlag.STOPS_BOOTSTRAP);
        return data;
    }
}
