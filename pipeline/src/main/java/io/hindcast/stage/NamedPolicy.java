package io.hindcast.stage;

import io.hindcast.config.Secrets;
import io.hindcast.config.UserException;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxPolicy;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** A trained policy that a conf file names: by its run and, if not the last, by the update after which it is meant. */
public final class NamedPolicy {
    private NamedPolicy() {}

    /**
     * Finds its checkpoint.
     *
     * @param run as {@link CheckpointRef#run}
     * @param step null: the last of a finished run
     * @param purpose for what, in words
     * @param check throws an {@link IllegalStateException} or a {@link UserException} if it is of no use
     * @throws UserException if its address holds a password, it is not there, is damaged or of no use, or if its run is not finished
     */
    public static CheckpointRef find(
            CheckpointStore store, String run, @Nullable Long step, String purpose, Consumer<Checkpoint> check) {
        if (!Secrets.hideUser(run).equals(run)) {
            throw unusable(
                    Secrets.hideUser(run),
                    purpose,
                    "tables and checkpoints will name it, and a password in it would stand there; leave it out and give"
                            + " it to Hadoop (--spark spark.hadoop.fs.…)");
        }
        Checkpoint checkpoint;
        try {
            checkpoint = step == null ? last(store, run, purpose) : store.read(store.ref(run, step));
        } catch (CheckpointStore.Damaged e) {
            throw unusable(
                    run, purpose, e.getMessage() + "; train that run again, with the same configuration and --out");
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw unusable(run, purpose, e.getMessage() + "; name the directory of a run, OUT/checkpoints/RUN_ID");
        }
        try {
            check.accept(checkpoint);
        } catch (IllegalStateException | UserException e) {
            throw unusable(run, purpose, String.valueOf(e.getMessage()));
        }
        return store.ref(run, checkpoint.step());
    }

    /**
     * The policy of an ONNX file.
     *
     * @param file where it lies
     * @param spaces of what it sees and does
     * @param purpose for what, in words
     * @throws UserException if its address holds a password, it is not there, or is no policy of such spaces
     */
    public static OnnxPolicy exported(String file, Spaces spaces, Configuration hadoop, String purpose) {
        var shown = Secrets.hideUser(file);
        var cannot = "Cannot use onnx = " + shown + " for " + purpose + ": ";
        if (!shown.equals(file)) {
            throw new UserException(
                    cannot + "tables will name it, and a password in it would stand there; leave it out and"
                            + " give it to Hadoop (--spark spark.hadoop.fs.…)");
        }
        try {
            return OnnxPolicy.read(file, spaces, hadoop);
        } catch (IllegalStateException | IllegalArgumentException | UncheckedIOException e) {
            throw new UserException(cannot + e.getMessage(), e);
        }
    }

    private static Checkpoint last(CheckpointStore store, String run, String purpose) {
        Optional<Checkpoint> latest = store.latestOf(run);
        if (latest.isEmpty()) {
            throw unusable(run, purpose, "it holds no checkpoint; name the directory of a run, OUT/checkpoints/RUN_ID");
        }
        var checkpoint = latest.get();
        if (checkpoint.step() < checkpoint.spec().updates()) {
            throw unusable(
                    run,
                    purpose,
                    "the run is at update " + checkpoint.step() + " of "
                            + checkpoint.spec().updates() + "; train it to its end");
        }
        return checkpoint;
    }

    private static UserException unusable(String run, String purpose, String reason) {
        return new UserException("Cannot use run = " + run + " for " + purpose + ": " + reason);
    }
}
