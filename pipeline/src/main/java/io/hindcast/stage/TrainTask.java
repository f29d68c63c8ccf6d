package io.hindcast.stage;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.Spaces;
import io.hindcast.env.Environment;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.Retention;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import io.hindcast.score.PolicyEvaluation;
import io.hindcast.table.DamagedFile;
import io.hindcast.table.RunsTable;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A training task: it shares the rows with the other tasks of its JVM and trains one run.
 *
 * @param job whose runs they are, a word: its lines begin with it
 * @param root the output directory
 * @param rows of every subset
 * @param promised the updates after which published runs had kept checkpoints, by the id of the run
 * @param heapShare see {@link SharedRows}
 * @param environment where runs act, if any does
 * @param ending what is done with the policies of finished runs; null: nothing
 * @param evaluation null: nothing is played
 * @param deadline when to stop, milliseconds since 1970
 */
public record TrainTask(
        String job,
        String root,
        SerializableConfiguration hadoop,
        Spaces spaces,
        Map<String, TrainingRows> rows,
        Map<String, List<Long>> promised,
        double heapShare,
        Retention retention,
        @Nullable EnvironmentSpec environment,
        @Nullable Ending ending,
        @Nullable PolicyEvaluation evaluation,
        long deadline)
        implements Function<RunSpec, TrainingLoop.Result> {
    /** What is done with the policy of a run that finished. */
    @FunctionalInterface
    public interface Ending extends Serializable {
        /** Does it; returns what went wrong, in words, which makes the run no other. */
        Optional<String> of(Checkpoint last);
    }

    @Override
    public TrainingLoop.Result call(RunSpec spec) {
        var result = attempt(spec);
        if (result.outcome() instanceof Outcome.Failed failed) {
            RunMessages.send(spec, result.updates(), failed);
        }
        return result;
    }

    private TrainingLoop.Result attempt(RunSpec spec) {
        var store = RunsTable.checkpoints(root, hadoop.value());
        try (var data = SharedRows.lease(
                Objects.requireNonNull(rows.get(spec.subset())), spec, spaces, hadoop.value(), heapShare)) {
            var listener = new Listener(job, spec, deadline);
            var result = run(spec, data.rows(), store, listener);
            if (ending != null && result.outcome() instanceof Outcome.Finished && hasPolicy(spec)) {
                ending.of(store.read(spec.id(), spec.updates()))
                        .ifPresent(problem -> listener.warning(spec.updates(), problem));
            }
            return result;
        } catch (RuntimeException | Error e) {
            // One run's trouble is a row of the report; the others go on.
            var damage = DamagedFile.of(e);
            return TrainingLoop.failed(spec, store, Outcome.Failed.of(damage.isPresent() ? damage.get() : e));
        }
    }

    private TrainingLoop.Result run(RunSpec spec, ReplayBuffer data, CheckpointStore store, Listener listener) {
        var kept = promised.getOrDefault(spec.id(), List.of());
        if (spec.online() == null) {
            var played = hasPolicy(spec) ? evaluation : null;
            return TrainingLoop.run(spec, data, store, retention, null, played, listener, kept);
        }
        try (var world = Objects.requireNonNull(environment).open(spaces)) {
            var result = TrainingLoop.run(spec, data, store, retention, world, evaluation, listener, kept);
            if (world.outOfBounds() > 0) {
                listener.say("%,d %s", world.outOfBounds(), Environment.OUT_OF_BOUNDS);
            }
            return result;
        }
    }

    private static boolean hasPolicy(RunSpec spec) {
        return spec.config().learnsPolicy();
    }

    /** Tells the driver how a run goes, every few seconds. */
    private static final class Listener implements TrainingLoop.Listener {
        private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;

        private final String job;
        private final RunSpec spec;
        private final long deadline;
        private final TaskContext task = TaskContext.get();
        private String evaluated = "";
        private long next;

        Listener(String job, RunSpec spec, long deadline) {
            this.job = job;
            this.spec = spec;
            this.deadline = deadline;
        }

        @Override
        public void starts(long step, String kernels) {
            say("starts after update %,d, products by %s", step, kernels);
        }

        @Override
        public void progress(long step, double updatesPerSecond, double loss) {
            var now = System.nanoTime();
            if (now < next && step < spec.updates()) {
                return;
            }
            next = now + NANOS_BETWEEN_LINES;
            say(
                    "%,d of %,d updates, %,.0f/s, %.0f s left, loss %.4g%s",
                    step,
                    spec.updates(),
                    updatesPerSecond,
                    (spec.updates() - step) / updatesPerSecond,
                    loss,
                    evaluated);
        }

        @Override
        public void logged(List<Metric> metrics) {
            RunMessages.send(spec, metrics);
            for (var metric : metrics) {
                if (metric.name().equals(TrainingLoop.RETURN)) {
                    evaluated =
                            String.format(Locale.ROOT, ", return %.4g at update %,d", metric.value(), metric.step());
                }
            }
        }

        @Override
        public void warning(long step, String text) {
            say("warning at update %,d: %s", step, text);
        }

        private void say(String format, Object... values) {
            RunMessages.send("[" + job + "] " + spec.name() + " on " + spec.subset() + ", seed " + spec.seed() + ": "
                    + String.format(Locale.ROOT, format, values));
        }

        @Override
        public @Nullable String stopReason() {
            if (task.isInterrupted()) {
                return "cancelled";
            }
            return System.currentTimeMillis() > deadline ? "max-runtime is over" : null;
        }
    }
}
