package io.hindcast.bench;

import com.sun.management.ThreadMXBean;
import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.Precision;
import io.hindcast.learn.Judged;
import io.hindcast.learn.Learner;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.Seeds;
import io.hindcast.run.TrainingLoop;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import org.jspecify.annotations.Nullable;

/**
 * Measures how many updates a second a learner does (sampling from a large replay buffer included, logging not), and
 * which share of the processor's matrix speed that is. An update is {@link TrainingLoop}'s. After a warm-up for the
 * compiler it is timed in blocks; as a machine may be shared, the best block is the figure to compare, and the median
 * tells how disturbed it was.
 */
public final class Benchmark {
    private static final double NANOS = 1e9;
    private static final double SGEMM_SECONDS = 0.3;
    private static final double WINDOW = 0.5;
    private static final int LEAST_BLOCKS = 4;
    private static final int MOST_BLOCKS = 1_000_000;

    private final BenchConfig config;
    private final Listener listener;

    /** Hears how the measurements go. */
    public interface Listener {
        /** Called before the first, with how many there will be and the seconds that all will take. */
        void starts(int measurements, double seconds);

        /** Called after each. */
        void measured(Measurement measurement);
    }

    /** One measurement to be made. */
    private record Plan(Workload workload, String learner, int runs, Precision precision) {}

    private Benchmark(BenchConfig config, Listener listener) {
        this.config = config;
        this.listener = listener;
    }

    /**
     * Measures what {@code config} names, in its order.
     *
     * @throws IllegalStateException if a learner computed something that is not finite, or did not move its parameters
     */
    public static List<Measurement> run(BenchConfig config, Listener listener) {
        return new Benchmark(config, listener).run();
    }

    private List<Measurement> run() {
        config.precisions().forEach(Nd4jKernels::require);
        var plans = plans();
        listener.starts(plans.size(), plans.size() * (config.warmup() + config.seconds() + 4 * sgemmSeconds()));
        var measurements = new ArrayList<Measurement>();
        String filled = null;
        ReplayBuffer replay = null;
        for (var plan : plans) {
            if (replay == null || !plan.workload.name().equals(filled)) {
                replay = null; // two at once would need twice the memory
                replay = replay(plan.workload, config.replay());
                filled = plan.workload.name();
            }
            var measurement = measure(plan, replay);
            measurements.add(measurement);
            listener.measured(measurement);
        }
        return measurements;
    }

    private List<Plan> plans() {
        var counts = config.runs().stream()
                .map(runs -> runs == 0 ? Runtime.getRuntime().availableProcessors() : runs)
                .distinct()
                .toList();
        var plans = new ArrayList<Plan>();
        for (var name : config.workloads()) {
            var workload = Objects.requireNonNull(Workload.ALL.get(name));
            for (var learner : workload.learners()) {
                if (config.learners().isEmpty() || config.learners().contains(learner)) {
                    counts.forEach(runs -> config.precisions()
                            .forEach(precision -> plans.add(new Plan(workload, learner, runs, precision))));
                }
            }
        }
        return plans;
    }

    private Measurement measure(Plan plan, ReplayBuffer replay) {
        var load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        var ready = new Phaser(plan.runs);
        var threads = Executors.newFixedThreadPool(plan.runs);
        try {
            var futures = new ArrayList<Future<Trace>>();
            for (var run = 0; run < plan.runs; run++) {
                var seed = run;
                futures.add(threads.submit(() -> trace(plan, replay, seed, ready)));
            }
            var traces = new ArrayList<Trace>();
            for (var future : futures) {
                traces.add(future.get());
            }
            var roofline =
                    traces.stream().map(Trace::roofline).reduce(Roofline::or).orElseThrow();
            var rates = plan.runs == 1 ? rates(traces.get(0)) : jointRates(traces);
            Arrays.sort(rates);
            var best = rates[rates.length - 1];
            var flops = plan.workload.usefulFlops(plan.learner);
            return new Measurement(
                    plan.workload.name(),
                    plan.learner,
                    1,
                    plan.runs,
                    rounded(best, 2),
                    rounded((rates[(rates.length - 1) / 2] + rates[rates.length / 2]) / 2, 2),
                    flops,
                    rounded(roofline.gflops(), 1),
                    rounded(flops * best / (roofline.gflops() * NANOS * plan.runs), 4),
                    rounded(traces.stream().mapToDouble(Trace::heapBytes).max().orElseThrow(), 1),
                    traces.get(0).blas,
                    roofline.blas(),
                    rounded(load, 2),
                    plan.precision.word());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot measure " + plan.learner + ": interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot measure " + plan.learner + " on " + plan.workload.name() + ": " + e.getCause(),
                    e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * What one run did.
     *
     * @param times seconds at the ends of its blocks
     * @param updates how many updates were done by then
     * @param heapBytes allocated an update
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    record Trace(double[] times, double[] updates, double heapBytes, String blas, Roofline roofline) {}

    private Trace trace(Plan plan, ReplayBuffer replay, int seed, Phaser ready) {
        var waits = true;
        try (var kernels = new Nd4jKernels(plan.precision)) {
            var run = new Run(plan, replay, kernels, new Seeds(seed));
            var perBlock = warmUp(run);
            var roofline = Roofline.measure(plan.precision, sgemmSeconds());
            waits = false;
            ready.arriveAndAwaitAdvance();

            var beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            var thread = Thread.currentThread().getId();
            var times = new double[blocks() + 1];
            var updates = new double[times.length];
            var block = 0;
            var allocated = beans.getThreadAllocatedBytes(thread);
            times[0] = System.nanoTime() / NANOS;
            while (block < LEAST_BLOCKS || (block < blocks() && times[block] - times[0] < config.seconds())) {
                run.updates(perBlock);
                block++;
                times[block] = System.nanoTime() / NANOS;
                updates[block] = updates[block - 1] + perBlock;
            }
            allocated = beans.getThreadAllocatedBytes(thread) - allocated;

            run.check();
            return new Trace(
                    Arrays.copyOf(times, block + 1),
                    Arrays.copyOf(updates, block + 1),
                    allocated / updates[block],
                    kernels.description(),
                    roofline.or(Roofline.measure(plan.precision, sgemmSeconds())));
        } finally {
            if (waits) {
                ready.arriveAndDeregister(); // the others must not wait for a run that failed
            }
        }
    }

    /** Updates until the time for it is over; returns how many fill a block by then. */
    private long warmUp(Run run) {
        var perBlock = 1L;
        var start = System.nanoTime();
        do {
            var block = System.nanoTime();
            run.updates(perBlock);
            var seconds = (System.nanoTime() - block) / NANOS;
            perBlock = Math.max(1, Math.min(2 * perBlock, Math.round(perBlock * config.block() / seconds)));
        } while (System.nanoTime() - start < config.warmup() * NANOS);
        return perBlock;
    }

    /** Room for four times the blocks that are expected. */
    private int blocks() {
        return (int) Math.min(MOST_BLOCKS, LEAST_BLOCKS + 4 * config.seconds() / config.block());
    }

    private double sgemmSeconds() {
        return Math.min(SGEMM_SECONDS, config.seconds());
    }

    /** A learner with its batches. */
    private static final class Run {
        private final ReplayBuffer replay;
        private final Seeds seeds;
        private final Learner learner;
        private final Batch batch;
        private final List<float[]> before;
        private long step;
        private double losses;

        Run(Plan plan, ReplayBuffer replay, Nd4jKernels kernels, Seeds seeds) {
            this.replay = replay;
            this.seeds = seeds;
            var workload = plan.workload;
            var config = config(workload, plan.learner);
            learner = config.learner(
                    setup(workload, kernels, seeds, config.learnsPolicy() ? null : judged(workload, kernels, seeds)));
            batch = new Batch(RowLayout.of(workload.spaces()).with(config.fields()), workload.batchSize());
            before = learner.networks().values().stream()
                    .map(network -> network.parameters().values().clone())
                    .toList();
        }

        private static LearnerConfig config(Workload workload, String learner) {
            return LearnerConfig.read(learner, ConfigFactory.parseString(workload.settings(learner)), "bench");
        }

        private static LearnerSetup setup(
                Workload workload, Nd4jKernels kernels, Seeds seeds, @Nullable Judged judged) {
            return new LearnerSetup(
                    workload.spaces(),
                    workload.batchSize(),
                    Long.MAX_VALUE,
                    kernels,
                    seeds.generator("initialisation", 0),
                    judged);
        }

        /** A policy as cloning has it, which draws its actions. */
        private static Judged judged(Workload workload, Nd4jKernels kernels, Seeds seeds) {
            var cloning = config(workload, "behaviour-cloning").learner(setup(workload, kernels, seeds, null));
            var start = new float[workload.spaces().observationSize()];
            return new Judged(PolicyLearner.of(cloning).policy(), Preference.SAMPLED, 0, 1, start, null, Noise::none);
        }

        void updates(long count) {
            for (var i = 0L; i < count; i++) {
                losses += TrainingLoop.update(learner, replay, batch, seeds, ++step);
            }
        }

        /** Refuses a rate that is not one of learning. */
        void check() {
            if (!Double.isFinite(losses)) {
                throw new IllegalStateException("a loss was not finite");
            }
            var first = before.iterator();
            learner.networks().forEach((name, network) -> {
                var values = network.parameters().values();
                if (Arrays.equals(first.next(), values)) {
                    throw new IllegalStateException(name + " did not move");
                }
                for (var value : values) {
                    if (!Float.isFinite(value)) {
                        throw new IllegalStateException("a parameter of " + name + " is " + value);
                    }
                }
            });
        }
    }

    private static double[] rates(Trace trace) {
        var rates = new double[trace.times.length - 1];
        for (var i = 0; i < rates.length; i++) {
            rates[i] = (trace.updates[i + 1] - trace.updates[i]) / (trace.times[i + 1] - trace.times[i]);
        }
        return rates;
    }

    /**
     * The time in which all runs were measuring is cut into windows of half a second, or a quarter of it if that is less, and
     * the updates of all within a window are added up.
     */
    static double[] jointRates(List<Trace> traces) {
        var from = traces.stream().mapToDouble(t -> t.times[0]).max().orElseThrow();
        var to = traces.stream()
                .mapToDouble(t -> t.times[t.times.length - 1])
                .min()
                .orElseThrow();
        if (from >= to) {
            throw new IllegalStateException(
                    "Cannot add up runs that were not measured at the same time: measure for longer");
        }
        var longest =
                traces.stream().mapToDouble(Benchmark::shortestBlock).max().orElseThrow();
        var window = Math.max(Math.min(WINDOW, (to - from) / 4), 2 * longest);
        var windows = (int) Math.max(1, (to - from) / window + 1e-9);
        window = Math.min(window, (to - from) / windows);
        var rates = new double[windows];
        for (var w = 0; w < windows; w++) {
            for (var trace : traces) {
                rates[w] += (at(trace, from + (w + 1) * window) - at(trace, from + w * window)) / window;
            }
        }
        return rates;
    }

    private static double shortestBlock(Trace trace) {
        var shortest = Double.POSITIVE_INFINITY;
        for (var i = 1; i < trace.times.length; i++) {
            shortest = Math.min(shortest, trace.times[i] - trace.times[i - 1]);
        }
        return shortest;
    }

    /** Updates done at a time, interpolated between the ends of blocks. */
    private static double at(Trace trace, double time) {
        var i = Arrays.binarySearch(trace.times, time);
        var above = Math.max(1, Math.min(trace.times.length - 1, i >= 0 ? i : -i - 1));
        var share = (time - trace.times[above - 1]) / (trace.times[above] - trace.times[above - 1]);
        return trace.updates[above - 1] + share * (trace.updates[above] - trace.updates[above - 1]);
    }

    private static double rounded(double number, int digits) {
        var scale = Math.pow(10, digits);
        return Math.rint(number * scale) / scale;
    }

    /** Random transitions, one in 200 terminated. */
    static ReplayBuffer replay(Workload workload, int size) {
        var random = new Seeds(0).generator("benchmark replay", 0);
        var replay = new ReplayBuffer(workload.spaces(), size);
        var d = workload.spaces().observationSize();
        var observation = new float[d];
        var next = new float[d];
        for (var i = 0; i < size; i++) {
            for (var j = 0; j < d; j++) {
                observation[j] = (float) random.nextGaussian();
                next[j] = (float) random.nextGaussian();
            }
            Action action;
            if (workload.spaces().actions() instanceof ActionSpace.Continuous space) {
                var values = new float[space.dimension()];
                for (var j = 0; j < values.length; j++) {
                    values[j] = 0.999f * (2 * random.nextFloat() - 1);
                }
                action = new Action.Vector(values);
            } else {
                action = new Action.Index(
                        random.nextInt(workload.spaces().actions().size()));
            }
            var flag = random.nextInt(200) == 0 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
            replay.append(observation, action, random.nextFloat() - 1.0, next, flag);
        }
        return replay;
    }
}
