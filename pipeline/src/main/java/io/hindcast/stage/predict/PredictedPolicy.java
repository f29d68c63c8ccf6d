package io.hindcast.stage.predict;

import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxPolicy;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor.Rule;
import io.hindcast.score.Predictor;
import io.hindcast.table.RunsTable;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A policy that acts, wherever it lies, and what is told of it.
 *
 * @param version null if not known
 * @param sha256 of the state of its checkpoint, or of its file
 * @param spaces what it sees and does
 * @param checkpoint which holds it; null: {@code exported} is it
 * @param hasCritics whether its run has critics
 * @param root the output directory that the run belongs to unless it says another
 */
record PredictedPolicy(
        String name,
        @Nullable String version,
        String sha256,
        Spaces spaces,
        @Nullable CheckpointRef checkpoint,
        @Nullable OnnxPolicy exported,
        boolean hasCritics,
        String root,
        SerializableConfiguration hadoop)
        implements Serializable {

    /** What decides as it does. */
    Predictor predictor(Kernels kernels, Rule rule, long seed) {
        if (exported != null) {
            return new Predictor(kernels, exported.policy(kernels), Optional.empty(), spaces, rule, seed);
        }
        var store = RunsTable.checkpoints(root, hadoop.value());
        var read = store.read(Objects.requireNonNull(checkpoint));
        return new Predictor(
                kernels,
                read.policy(spaces, kernels),
                read.critics(spaces, kernels, Predictor.WIDTH),
                spaces,
                rule,
                seed);
    }
}
