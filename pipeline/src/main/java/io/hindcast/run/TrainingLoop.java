package io.hindcast.run;

import io.hindcast.data.Batch;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.Replay;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.SeededNoise;
import io.hindcast.env.Environment;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.Batches;
import io.hindcast.learn.Learner;
import io.hindcast.learn.PolicyLearner;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSError;
import org.jspecify.annotations.Nullable;

/**
 * Runs a specification from its latest checkpoint, or from its first parameters, to its last update. The batch of an update
 * is a function of (seed, update), so a resumed run draws what it would have drawn.
 */
public final class TrainingLoop {
    /** The metric of an evaluation during training: the mean return. */
    public static final String RETURN = "evaluation/return";

    private static final double NANOS = 1e9;

    private final RunSpec spec;
    private final Replay data;
    private final @Nullable Interaction interaction;
    private final CheckpointStore store;
    private final Retention retention;
    private final @Nullable Evaluation evaluation;
    private final Listener listener;
    private final Learner learner;
    private final HealthCheck health;
    private final long last;
    private final boolean mends;
    private final Set<String> warned = new HashSet<>();
    private final Set<Long> kept = new TreeSet<>();
    private final List<Metric> logged = new ArrayList<>();
    private final List<Metric> sinceCheckpoint = new ArrayList<>();
    private long step;
    private long done;
    private long nanos;
    private double secondsBefore;

    private TrainingLoop(
            RunSpec spec,
            Replay data,
            HealthCheck health,
            @Nullable Interaction interaction,
            CheckpointStore store,
            Retention retention,
            @Nullable Evaluation evaluation,
            Listener listener,
            Learner learner,
            Optional<Long> gap) {
        this.spec = spec;
        this.data = data;
        this.health = health;
        this.interaction = interaction;
        this.store = store;
        this.retention = retention;
        this.evaluation = evaluation;
        this.listener = listener;
        this.learner = learner;
        this.last = gap.orElse(spec.updates());
        this.mends = gap.isPresent();
    }

    /**
     * What a run came to.
     *
     * @param updates updates done, those before a resume included
     * @param seconds time spent on them
     * @param metrics everything logged
     */
    public record Result(RunSpec spec, Outcome outcome, long updates, double seconds, List<Metric> metrics)
            implements Serializable {
        /** The same, but it ended in another way. */
        public Result with(Outcome outcome) {
            return new Result(spec, outcome, updates, seconds, metrics);
        }
    }

    /** Hears from a run while it goes on, and may stop it. */
    public interface Listener {
        /** Called before the first update: after which update it goes on, and what multiplies. */
        default void starts(long step, String kernels) {}

        /** Called every few hundred updates. */
        default void progress(long step, double updatesPerSecond, double loss) {}

        /** Called with what is logged, in its order; after a resume some of it may have been told before. */
        default void logged(List<Metric> metrics) {}

        /** Called once for each kind of trouble that shows in the metrics, and for damage that was passed over. */
        default void warning(long step, String text) {}

        /** Asked before every update: why the run should stop now, or null. It leaves a checkpoint to go on from. */
        default @Nullable String stopReason() {
            return null;
        }
    }

    /** There is no return of a policy that was played; the message says why. */
    public static final class Unjudged extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** @param why in words that can stand alone */
        public Unjudged(String why) {
            super(why);
        }
    }

    /** Judges a run's policy as it is trained; its time is not the run's. */
    public interface Evaluation {
        /**
         * The mean return of the policy in {@code checkpoint}, a function of that checkpoint alone.
         *
         * @throws Unjudged if it cannot be told, which is a gap in what is logged
         */
        double meanReturn(Checkpoint checkpoint);
    }

    /** Runs {@code spec} on {@code data}, keeps every checkpoint and judges none. */
    public static Result run(RunSpec spec, ReplayBuffer data, CheckpointStore store, Listener listener) {
        return run(spec, data, store, Retention.ALL, null, null, listener);
    }

    /**
     * Runs {@code spec} on {@code data}.
     *
     * @param environment where it acts, to be closed by the caller; null if it stays offline
     * @param evaluation plays every checkpoint on schedule, whose return is logged as {@value #RETURN}; null: none is played
     */
    public static Result run(
            RunSpec spec,
            ReplayBuffer data,
            CheckpointStore store,
            Retention retention,
            @Nullable Environment environment,
            @Nullable Evaluation evaluation,
            Listener listener) {
        return run(spec, data, store, retention, environment, evaluation, listener, List.of());
    }

    /**
     * The same, and checkpoints that are damaged or gone are made again first, each from the one before it.
     *
     * @param promised the updates whose checkpoints were there when the run was published, with their state
     */
    public static Result run(
            RunSpec spec,
            ReplayBuffer data,
            CheckpointStore store,
            Retention retention,
            @Nullable Environment environment,
            @Nullable Evaluation evaluation,
            Listener listener,
            List<Long> promised) {
        for (var gap : store.gaps(spec, promised, retention)) {
            store.damage(spec.id(), gap)
                    .ifPresent(text -> listener.warning(gap, text + "; it goes on from the one before it"));
            var mended = run(spec, data, store, retention, environment, evaluation, listener, Optional.of(gap));
            if (!(mended.outcome() instanceof Outcome.Finished)) {
                return mended;
            }
        }
        return run(spec, data, store, retention, environment, evaluation, listener, Optional.empty());
    }

    private static Result run(
            RunSpec spec,
            ReplayBuffer data,
            CheckpointStore store,
            Retention retention,
            @Nullable Environment environment,
            @Nullable Evaluation evaluation,
            Listener listener,
            Optional<Long> gap) {
        try (var kernels = new Nd4jKernels(spec.precision())) {
            var seeds = new Seeds(spec.seed());
            var learner = Judging.learner(spec, data, kernels, store);
            // A learner that looks at no rewards has no values.
            var attainable = spec.config().needsRewards()
                    ? data.valueRange(spec.config().discount())
                    : new ReplayBuffer.Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
            if (spec.online() == null) {
                var health = HealthCheck.of(attainable);
                return new TrainingLoop(spec, data, health, null, store, retention, evaluation, listener, learner, gap)
                        .run(seeds, kernels.description());
            }
            var online = spec.online().config();
            var capacity = (int) Math.min(online.capacity(), online.steps());
            var replay = new OnlineReplay(data, capacity, online.datasetShare());
            var interaction = new Interaction(
                    spec,
                    Objects.requireNonNull(environment),
                    replay,
                    PolicyLearner.of(learner).policy(),
                    kernels,
                    seeds);
            var health = HealthCheck.ofRunThatActs(attainable);
            return new TrainingLoop(
                            spec, replay, health, interaction, store, retention, evaluation, listener, learner, gap)
                    .run(seeds, kernels.description());
        }
    }

    /** What a run came to that failed before its first update or lost its executor: as far as its last checkpoint tells. */
    public static Result failed(RunSpec spec, CheckpointStore store, Outcome.Failed failed) {
        try {
            var last = store.resume(spec.id(), damaged -> {});
            if (last.isPresent()) {
                var checkpoint = last.get().checkpoint();
                return new Result(
                        spec,
                        failed,
                        checkpoint.step(),
                        checkpoint.seconds(),
                        Stream.concat(last.get().logged().stream(), checkpoint.metrics().stream())
                                .toList());
            }
        } catch (RuntimeException | FSError e) {
            // Why it failed counts for more than why that cannot be read, which may well be the same.
        }
        return new Result(spec, failed, 0, 0, List.of());
    }

    private Result run(Seeds seeds, String kernels) {
        Consumer<String> damaged = text -> listener.warning(0, text + "; it goes on from one before it");
        var resumed = mends ? store.resume(spec.id(), last, text -> {}) : store.resume(spec.id(), damaged);
        var half = spec.offlineHalf();
        if (resumed.isEmpty() && half.isPresent() && !mends) {
            adopt(half.get(), damaged);
            resumed = store.resume(spec.id(), damaged);
        }
        // From here on nobody else adds any: to look again at each save would be slow where there are thousands.
        kept.addAll(store.steps(spec.id()));
        resumed.ifPresentOrElse(this::goOn, this::begin);
        if (step < last) {
            listener.starts(step, kernels);
        }
        done = step;
        try {
            return update(seeds);
        } catch (RuntimeException | Error e) {
            return result(Outcome.Failed.of(e), done); // with all that it logged
        }
    }

    private Result update(Seeds seeds) {
        var first = step;
        var batch = new Batch(data.layout(), spec.batchSize());
        while (step < last) {
            var stop = listener.stopReason();
            if (stop != null) {
                if (!mends) {
                    store.write(checkpoint());
                }
                return result(new Outcome.Stopped(stop + " at update " + step));
            }
            var start = System.nanoTime();
            step++;
            if (interaction != null) {
                interaction.actBefore(step);
            }
            var loss = update(learner, data, batch, seeds, step);
            nanos += System.nanoTime() - start;
            done = step;

            if (health.diverged(loss)) {
                var culprit = health.culprit(learner);
                return result(new Outcome.Diverged(step, culprit.getKey(), culprit.getValue()));
            }
            var logs = spec.isLogged(step);
            var saves = spec.isScheduled(step);
            var metrics = logs || saves ? metrics() : List.<Metric>of();
            var bad = HealthCheck.notFinite(metrics);
            if (bad.isPresent()) {
                return result(
                        new Outcome.Diverged(step, bad.get().name(), bad.get().value()));
            }
            if (logs) {
                log(metrics);
                health.warnings(metrics).forEach((name, text) -> {
                    if (warned.add(name)) {
                        listener.warning(step, text);
                    }
                });
                listener.progress(step, (step - first) / (nanos / NANOS), loss);
            }
            if (saves) {
                save();
            }
        }
        return result(new Outcome.Finished());
    }

    private List<Metric> metrics() {
        var metrics = health.metrics(learner, step, spec.batchSize());
        if (interaction == null || interaction.stepsBefore(step) == 0) {
            return metrics;
        }
        var logged = (step - 1) / spec.logEvery() * spec.logEvery();
        return Stream.concat(metrics.stream(), interaction.metrics(step, interaction.stepsBefore(logged)).stream())
                .toList();
    }

    private void goOn(CheckpointStore.Resumed resumed) {
        var checkpoint = resumed.checkpoint();
        checkpoint.requireOf(spec, data.spaces());
        checkpoint.restore(learner);
        step = checkpoint.step();
        secondsBefore = checkpoint.seconds();
        logged.addAll(resumed.logged());
        // One off schedule holds what the next on schedule will.
        (spec.isScheduled(step) ? logged : sinceCheckpoint).addAll(checkpoint.metrics());
        listener.logged(Stream.concat(logged.stream(), sinceCheckpoint.stream()).toList());
        if (interaction != null) {
            var before = new ArrayList<>(resumed.experience());
            var last = Objects.requireNonNull(checkpoint.experience());
            if (spec.isScheduled(step)) {
                before.add(last);
                last = new Checkpoint.Tensor(List.of(0, 0), new float[0], 0);
            }
            interaction.goOn(before.stream().map(this::experience).toList(), experience(last));
        }
    }

    private Experience experience(Checkpoint.Tensor tensor) {
        return new Experience(data.spaces(), tensor.values(), tensor.shape().get(1));
    }

    /** Takes over the checkpoints of a run that has done all updates that come before acting; does nothing if it has not. */
    private void adopt(RunSpec half, Consumer<String> damaged) {
        var steps = store.steps(half.id());
        if (!steps.contains(half.updates())) {
            return;
        }
        try {
            if (!store.spaces(half.id(), half.updates()).equals(data.spaces())) {
                return;
            }
            var logged = store.metrics(half.id(), half.updates()).stream()
                    .filter(metric -> metric.name().equals(RETURN)
                            ? spec.isScheduled(metric.step())
                            : spec.isLogged(metric.step()))
                    .toList();
            // What was logged at a checkpoint that was thinned away stands in the next.
            var told = -1L;
            for (var at : steps) {
                if (half.isScheduled(at)) {
                    var before = told;
                    store.write(store.read(half.id(), at)
                            .ofRunThatActs(
                                    spec,
                                    logged.stream()
                                            .filter(metric -> metric.step() > before && metric.step() <= at)
                                            .toList()));
                    told = at;
                }
            }
        } catch (CheckpointStore.Damaged e) {
            damaged.accept(String.valueOf(e.getMessage()));
        }
    }

    private void begin() {
        var warmStart = spec.warmStart();
        if (warmStart != null) {
            store.read(warmStart).warm(learner);
        }
        save();
    }

    /** A checkpoint on schedule. */
    private void save() {
        if (mends && step != last) {
            next(); // It is there.
            return;
        }
        var checkpoint = checkpoint();
        if (evaluation != null) {
            try {
                log(List.of(new Metric(step, RETURN, evaluation.meanReturn(checkpoint))));
            } catch (Unjudged e) {
                listener.warning(step, "no return is logged: " + e.getMessage());
            }
            checkpoint = checkpoint.with(sinceCheckpoint);
        }
        store.write(checkpoint);
        next();
        if (mends) {
            return; // What is to be kept was decided when it was there.
        }
        var best = logged.stream()
                .filter(metric -> metric.name().equals(RETURN))
                .reduce((a, b) -> b.value() > a.value() ? b : a)
                .map(metric -> OptionalLong.of(metric.step()))
                .orElse(OptionalLong.empty());
        kept.add(step);
        kept.removeIf(at -> {
            if (retention.keeps(spec, at, step, best)) {
                return false;
            }
            store.thin(spec, at);
            return true;
        });
    }

    /** What is logged and happens from here on belongs to the next checkpoint. */
    private void next() {
        logged.addAll(sinceCheckpoint);
        sinceCheckpoint.clear();
        if (interaction != null) {
            interaction.clear();
        }
    }

    private void log(List<Metric> metrics) {
        sinceCheckpoint.addAll(metrics);
        listener.logged(metrics);
    }

    private Checkpoint checkpoint() {
        return Checkpoint.of(
                spec,
                data.spaces(),
                step,
                learner,
                sinceCheckpoint,
                seconds(),
                interaction == null ? null : interaction.sinceCheckpoint());
    }

    private double seconds() {
        return secondsBefore + nanos / NANOS;
    }

    private Result result(Outcome outcome) {
        return result(outcome, step);
    }

    private Result result(Outcome outcome, long updates) {
        return new Result(
                spec,
                outcome,
                updates,
                seconds(),
                Stream.concat(logged.stream(), sinceCheckpoint.stream()).toList());
    }

    /** Update number {@code step}: all that it draws is a function of the seed and the step. */
    public static double update(Learner learner, Replay data, Batch batch, Seeds seeds, long step) {
        var batches = new Draws(data, batch, seeds, step);
        return learner.update(batches, new SeededNoise(seeds.generator("noise", step)));
    }

    /** The batches of one update. */
    private static final class Draws implements Batches {
        /** What the first ones are drawn for: nothing is put together in the loop. */
        private static final List<String> REPLAYS = List.of("batch", "batch 1");

        private final Replay data;
        private final Batch batch;
        private final Seeds seeds;
        private final long step;
        private int drawn;

        Draws(Replay data, Batch batch, Seeds seeds, long step) {
            this.data = data;
            this.batch = batch;
            this.seeds = seeds;
            this.step = step;
        }

        @Override
        public Batch replay() {
            data.sample(seeds.generator(drawn < REPLAYS.size() ? REPLAYS.get(drawn) : "batch " + drawn, step), batch);
            drawn++;
            return batch;
        }

        @Override
        public Batch demonstrations() {
            var dataset = data instanceof OnlineReplay both ? both.dataset() : data;
            dataset.sample(seeds.generator("demonstrations", step), batch);
            return batch;
        }

        @Override
        public boolean hasActed() {
            return data instanceof OnlineReplay both && both.hasOwn();
        }
    }
}
