package io.hindcast.run;

import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.Learner;
import io.hindcast.learn.LearnerSetup;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Runs a specification from its latest checkpoint, or from its first parameters, to its last update. The batch of an update
 * is a function of (seed, update), so a resumed run draws what it would have drawn.
 */
public final class TrainingLoop {
    private static final double NANOS = 1e9;

    private TrainingLoop() {}

    /**
     * What a run came to.
     *
     * @param updates updates done, those before a resume included
     * @param seconds time spent on them
     * @param metrics everything logged
     */
    public record Result(RunSpec spec, Outcome outcome, long updates, double seconds, List<Metric> metrics)
            implements Serializable {}

    /** Hears from a run while it goes on. */
    public interface Listener {
        /** Called before the first update: after which update it goes on, and what multiplies. */
        default void starts(long step, String kernels) {}

        /** Called every few hundred updates. */
        void progress(long step, double updatesPerSecond, double loss);

        /** Called once for each kind of trouble that shows in the metrics. */
        default void warning(long step, String text) {}

        /** Whether the run should stop now; it then ends with {@link Outcome.Failed} and can be resumed. */
        boolean stopRequested();
    }

    /** Runs {@code spec} on {@code data}. */
    public static Result run(RunSpec spec, ReplayBuffer data, CheckpointStore store, Listener listener) {
        var seeds = new Seeds(spec.seed());
        try (var kernels = new Nd4jKernels()) {
            var learner = spec.config()
                    .learner(new LearnerSetup(
                            data.spaces(),
                            spec.batchSize(),
                            spec.updates(),
                            kernels,
                            seeds.generator("initialisation", 0)));
            var resumed = store.latest(spec.id());
            resumed.ifPresent(checkpoint -> checkpoint.requireOf(spec));
            resumed.ifPresent(checkpoint -> checkpoint.restore(learner));
            var step = resumed.map(Checkpoint::step).orElse(0L);
            var secondsBefore = resumed.map(Checkpoint::seconds).orElse(0.0);
            var logged = new ArrayList<>(store.metrics(spec.id(), step));
            var sinceCheckpoint = new ArrayList<Metric>();
            var batch = new Batch(data.spaces(), spec.batchSize());
            var watch = new Watch(data.valueRange(spec.config().discount()));
            var warned = new HashSet<String>();

            if (step == 0) {
                store.write(Checkpoint.of(spec, 0, learner, List.of(), 0));
            }
            if (step < spec.updates()) {
                listener.starts(step, kernels.description());
            }
            var first = step;
            var nanos = 0L;
            while (step < spec.updates()) {
                if (listener.stopRequested()) {
                    return result(
                            spec,
                            new Outcome.Failed("stopped at update " + step),
                            step,
                            secondsBefore + nanos / NANOS,
                            logged,
                            sinceCheckpoint);
                }
                var start = System.nanoTime();
                step++;
                var loss = update(learner, data, batch, seeds, step);
                nanos += System.nanoTime() - start;

                if (watch.diverged(loss)) {
                    var culprit = watch.culprit(learner);
                    var outcome = new Outcome.Diverged(step, culprit.getKey(), culprit.getValue());
                    return result(spec, outcome, step, secondsBefore + nanos / NANOS, logged, sinceCheckpoint);
                }
                var logs = step % spec.logEvery() == 0 || step == spec.updates();
                var saves = step % spec.checkpointEvery() == 0 || step == spec.updates();
                var metrics = logs || saves ? watch.metrics(learner, step, spec.batchSize()) : List.<Metric>of();
                var bad = Watch.notFinite(metrics);
                if (bad.isPresent()) {
                    var outcome = new Outcome.Diverged(
                            step, bad.get().name(), bad.get().value());
                    return result(spec, outcome, step, secondsBefore + nanos / NANOS, logged, sinceCheckpoint);
                }
                if (logs) {
                    sinceCheckpoint.addAll(metrics);
                    var at = step;
                    watch.warnings(metrics).forEach((name, text) -> {
                        if (warned.add(name)) {
                            listener.warning(at, text);
                        }
                    });
                    listener.progress(step, (step - first) / (nanos / NANOS), loss);
                }
                if (saves) {
                    store.write(Checkpoint.of(spec, step, learner, sinceCheckpoint, secondsBefore + nanos / NANOS));
                    logged.addAll(sinceCheckpoint);
                    sinceCheckpoint.clear();
                }
            }
            return result(spec, new Outcome.Finished(), step, secondsBefore + nanos / NANOS, logged, sinceCheckpoint);
        }
    }

    /** Update number {@code step}: all that it draws is a function of the seed and the step. */
    static double update(Learner learner, ReplayBuffer data, Batch batch, Seeds seeds, long step) {
        data.sample(seeds.generator("batch", step), batch);
        return learner.update(batch, new SeededNoise(seeds.generator("noise", step)));
    }

    private static Result result(
            RunSpec spec, Outcome outcome, long step, double seconds, List<Metric> logged, List<Metric> tail) {
        var metrics = new ArrayList<>(logged);
        metrics.addAll(tail);
        return new Result(spec, outcome, step, seconds, List.copyOf(metrics));
    }
}
