package io.hindcast.stage.predict;

import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxPolicy;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor.Rule;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.score.Predictor;
import io.hindcast.stage.NamedPolicy;
import io.hindcast.table.RunsTable;
import java.io.Serializable;
import java.util.ArrayList;
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
     * That of a run, called {@code NAME-SEED} and by its updates.
     *
     * @param step null: the last of a finished run
     * @param purpose for what, in words
     * @param root the output directory that the run belongs to unless it says another
     * @throws io.hindcast.config.UserException if it is not there, or learned no policy
     */
    static PredictedPolicy of(
            CheckpointStore store,
            String run,
            @Nullable Long step,
            String purpose,
            String root,
            SerializableConfiguration hadoop) {
        var found = new ArrayList<Checkpoint>();
        var place = NamedPolicy.find(store, run, step, purpose, read -> {
            if (!read.spec().config().learnsPolicy()) {
                throw new IllegalStateException("its learner, " + read.spec().learner()
                        + ", learns values only; name a run that learned a policy");
            }
            found.add(read);
        });
        var checkpoint = found.get(0);
        try (var kernels = new PlainKernels()) {
            return new PredictedPolicy(
                    checkpoint.spec().name() + "-" + checkpoint.spec().seed(),
                    Long.toString(checkpoint.step()),
                    place.state(),
                    checkpoint.spaces(),
                    place,
                    null,
                    checkpoint.critics(checkpoint.spaces(), kernels, 1).isPresent(),
                    root,
                    hadoop);
        }
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

    /**
     * What decides as it does.
     *
     * @param tellsValues whether it is asked what critics think, which costs as much as deciding
     */
    Predictor predictor(Kernels kernels, Rule rule, long seed, boolean tellsValues) {
        if (exported != null) {
            return new Predictor(kernels, exported.policy(kernels), Optional.empty(), spaces, rule, seed);
        }
        var store = RunsTable.checkpoints(root, hadoop.value());
        var read = store.read(Objects.requireNonNull(checkpoint));
        return new Predictor(
                kernels,
                read.policy(spaces, kernels),
                tellsValues ? read.critics(spaces, kernels, Predictor.WIDTH) : Optional.empty(),
                spaces,
                rule,
                seed);
    }
}
