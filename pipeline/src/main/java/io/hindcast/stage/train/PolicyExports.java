package io.hindcast.stage.train;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.export.ExportedPolicy;
import io.hindcast.export.PolicyFolder;
import io.hindcast.export.PolicyNames;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.StageContext;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.util.SerializableConfiguration;

/** The policies of finished runs in {@code policies/}, for other programs. */
final class PolicyExports {
    private PolicyExports() {}

    private static PolicyFolder folder(String root, Configuration hadoop) {
        return new PolicyFolder(root + "/policies", hadoop);
    }

    /**
     * Publishes the policy of a checkpoint, or notes that it cannot be exported.
     *
     * @param names what the log calls what it sees and does; of no use to a run that learns from no log
     * @return why it cannot be, if it cannot and that was not noted before: the run is what it is without it
     */
    static Optional<String> write(
            String root, Configuration hadoop, Checkpoint checkpoint, Spaces spaces, PolicyNames names) {
        var policies = folder(root, hadoop);
        try (var kernels = new Nd4jKernels()) {
            if (policies.isRefused(checkpoint.spec().id(), checkpoint.step())) {
                return Optional.empty();
            }
            policies.write(new ExportedPolicy(
                    checkpoint,
                    spaces,
                    checkpoint.spec().subset().equals(RunSpec.NONE) ? PolicyNames.NONE : names,
                    kernels));
            return Optional.empty();
        } catch (ExportedPolicy.Refused e) {
            return Optional.of(refused(policies, checkpoint, e));
        } catch (IllegalStateException | UncheckedIOException | FSError e) {
            return Optional.of(reason(e));
        }
    }

    private static String refused(PolicyFolder policies, Checkpoint checkpoint, ExportedPolicy.Refused why) {
        try {
            policies.refuse(checkpoint.spec().id(), checkpoint.step(), why);
            return String.valueOf(why.getMessage());
        } catch (UncheckedIOException | FSError e) {
            return why.getMessage() + "; nor can that be noted: " + reason(e);
        }
    }

    /** Our own exceptions say it in a sentence, those of a disk do not. */
    private static String reason(Throwable e) {
        return Outside.of(e).isPresent() ? Outside.reason(e) : String.valueOf(e.getMessage());
    }

    private record Run(String id, long step) implements Serializable {}

    /**
     * Makes those policies of published runs anew that are missing, or whose files are not the ones that were written. Those that
     * were refused stay so, and are not spoken of again.
     *
     * @param transitions what runs learned from, if they learned from any
     */
    static void mend(StageContext context, TableVersion runs, Optional<TableVersion> transitions) {
        var root = context.warehouse().root();
        var hadoop = new SerializableConfiguration(context.engine().hadoop());
        var policies = folder(root, hadoop.value());
        var missing = RunsTable.finalCheckpoints(
                        RunsTable.ofPolicies(TableRows.of(context.warehouse(), runs)), RunSpecs::key)
                .values()
                .stream()
                .filter(last -> !policies.isWhole(last.run()) && !policies.isRefused(last.run(), last.step()))
                .map(last -> new Run(last.run(), last.step()))
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        context.progress()
                .say("[train] " + missing.size() + (missing.size() == 1 ? " policy is" : " policies are")
                        + " missing or damaged in " + root + "/policies, making them again");
        var configuration =
                transitions.map(version -> version.manifest().configuration()).orElse(null);
        FanOut.run(context, "[train] policies", missing, run -> {
                    try {
                        var checkpoint =
                                RunsTable.checkpoints(root, hadoop.value()).read(run.id(), run.step());
                        var spaces = checkpoint.spaces();
                        var names = configuration == null ? PolicyNames.NONE : DatasetNames.of(configuration, spaces);
                        return write(root, hadoop.value(), checkpoint, spaces, names)
                                .orElse("");
                    } catch (IllegalStateException | UncheckedIOException | UserException | FSError e) {
                        return reason(e);
                    }
                })
                .stream()
                .filter(problem -> !problem.isEmpty())
                .forEach(problem -> context.progress().say("[train] warning: " + problem));
    }
}
