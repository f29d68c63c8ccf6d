package io.hindcast.stage.predict;

import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxPolicy;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor.Rule;
import io.hindcast.run.Checkpoint;
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

    /**
     * That of a checkpoint, called {@code NAME-SEED} and by its updates.
     *
     * @param root the output directory that the run belongs to unless it says another
     */
    static PredictedPolicy of(
            CheckpointRef place,
            Checkpoint checkpoint,
            boolean hasCritics,
            String root,
            SerializableConfiguration hadoop) {
        return new PredictedPolicy(
                checkpoint.spec().name() + "-" + checkpoint.spec().seed(),
                Long.toString(checkpoint.step()),
                place.state(),
                checkpoint.spaces(),
                place,
                null,
                hasCritics,
                root,
                hadoop);
    }

    /** The same under another name, and of another version, where these are given. */
    PredictedPolicy called(@Nullable String another, @Nullable String ofVersion) {
        return new PredictedPolicy(
                another == null ? name : another,
                ofVersion == null ? version : ofVersion,
                sha256,
                spaces,
                checkpoint,
                exported,
                hasCritics,
                root,
                hadoop);
    }

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
