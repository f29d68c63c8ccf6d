package io.hindcast.run;

import com.sun.management.ThreadMXBean;
import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How many updates a second a learner does, sampling from a large replay buffer included and logging not, and how much of the
 * processor's matrix speed that is.
 */
public final class Benchmark {
    private static final double NANOS = 1e9;
    private static final int SQUARE = 256;
    private static final double SGEMM_SECONDS = 0.3;
    private static final double WINDOW = 0.5;

    private final BenchConfig config;
    private final Listener listener;

    /** Hears of every measurement as soon as it is done. */
    public interface Listener {
        /** Called before a measurement. */
        void starts(String workload, String learner, int runs);

        /** Called after it. */
        void measured(Measurement measurement);
    }

    /**
     * One line of the results; the rates are of all runs together.
     *
     * @param workload the sizes
     * @param learner the learner
     * @param threads threads of a run
     * @param runs runs side by side
     * @param updatesPerSecondBest in the best block (of one run) or half-second (of several)
     * @param updatesPerSecondMedian in the median one
     * @param usefulFlopsPerUpdate operations of the products that an update cannot do without
     * @param sgemmGflops the best rate of a 256 x 256 x 256 product on one core, of the libraries that run here, in 1e9/s
     * @param efficiency useful operations a second in the best block, as a share of {@code runs} times that rate
     * @param heapBytesPerUpdate bytes an update allocates on the Java heap
     * @param blas the library that multiplied
     */
    public record Measurement(
            String workload,
            String learner,
            int threads,
            int runs,
            double updatesPerSecondBest,
            double updatesPerSecondMedian,
            double usefulFlopsPerUpdate,
            double sgemmGflops,
            double efficiency,
            double heapBytesPerUpdate,
            String blas) {}

    private Benchmark(BenchConfig config, Listener listener) {
        this.config = config;
        this.listener = listener;
    }

    /** Measures everything that {@code config} names, in its order. */
    public static List<Measurement> run(BenchConfig config, Listener listener) {
        return new Benchmark(config, listener).run();
    }

    private List<Measurement> run() {
        var measurements = new ArrayList<Measurement>();
        var counts = config.runs().stream()
                .map(runs -> runs == 0 ? Runtime.getRuntime().availableProcessors() : runs)
                .distinct()
                .toList();
        for (var name : config.workloads()) {
            var workload = Objects.requireNonNull(Workload.ALL.get(name));
            var replay = replay(workload, config.replay());
            for (var learner : workload.learners()) {
                if (!config.learners().isEmpty() && !config.learners().contains(learner)) {
                    continue;
                }
                for (int runs : counts) {
                    listener.starts(name, learner, runs);
                    var measurement = measure(workload, learner, replay, runs);
                    measurements.add(measurement);
                    listener.measured(measurement);
                }
            }
        }
        return measurements;
    }

    /** What one run did: the time and the updates done at the end of every block, and what it cost. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Trace(double[] times, double[] updates, double bytesPerUpdate, String blas) {}

    private Measurement measure(Workload workload, String learner, ReplayBuffer replay, int runs) {
        var patience = Math.min(SGEMM_SECONDS, config.seconds());
        var sgemm = sgemmGflops(patience);
        var start = new CyclicBarrier(runs);
        var threads = Executors.newFixedThreadPool(runs);
        try {
            var traces = new ArrayList<Future<Trace>>();
            for (var run = 0; run < runs; run++) {
                var seed = run;
                traces.add(threads.submit(() -> trace(workload, learner, replay, seed, start)));
            }
            var done = new ArrayList<Trace>();
            for (var trace : traces) {
                done.add(trace.get());
            }
            sgemm = Math.max(sgemm, sgemmGflops(patience));
            var rates = runs == 1 ? rates(done.get(0)) : jointRates(done);
            Arrays.sort(rates);
            var best = rates[rates.length - 1];
            var flops = workload.usefulFlops(learner);
            return new Measurement(
                    workload.name(),
                    learner,
                    1,
                    runs,
                    best,
                    rates[rates.length / 2],
                    flops,
                    sgemm,
                    flops * best / (sgemm * NANOS * runs),
                    done.stream().mapToDouble(Trace::bytesPerUpdate).max().orElseThrow(),
                    done.get(0).blas());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot measure " + learner + ": interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Cannot measure " + learner + ": " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private Trace trace(Workload workload, String name, ReplayBuffer replay, int seed, CyclicBarrier start)
            throws Exception {
        try (var kernels = new Nd4jKernels()) {
            var seeds = new Seeds(seed);
            var learner = LearnerConfig.read(name, ConfigFactory.parseString(workload.settings(name)), "bench")
                    .learner(new LearnerSetup(
                            workload.spaces(),
                            workload.batchSize(),
                            Long.MAX_VALUE,
                            kernels,
                            seeds.generator("initialisation", 0)));
            var batch = new Batch(workload.spaces(), workload.batchSize());
            var update = new Object() {
                long step;

                void times(long count) {
                    for (var i = 0L; i < count; i++) {
                        TrainingLoop.update(learner, replay, batch, seeds, ++step);
                    }
                }
            };
            var before = learner.networks().values().stream()
                    .map(network -> network.parameters().values().clone())
                    .toList();
            var per = 1L;
            var clock = System.nanoTime();
            while (System.nanoTime() - clock < config.warmup() * NANOS) {
                var block = System.nanoTime();
                update.times(per);
                var seconds = (System.nanoTime() - block) / NANOS;
                per = Math.max(1, Math.min(2 * per, Math.round(per * config.block() / seconds)));
            }

            start.await();
            var beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            var thread = Thread.currentThread().getId();
            var times = new double[(int) Math.min(100_000, 16 + 4 * config.seconds() / config.block())];
            var updates = new double[times.length];
            var blocks = 1;
            times[0] = System.nanoTime() / NANOS;
            var allocated = beans.getThreadAllocatedBytes(thread);
            while (blocks < times.length && (times[blocks - 1] - times[0] < config.seconds() || blocks < 5)) {
                update.times(per);
                times[blocks] = System.nanoTime() / NANOS;
                updates[blocks] = updates[blocks - 1] + per;
                blocks++;
            }
            allocated = beans.getThreadAllocatedBytes(thread) - allocated;
            var moved = 0;
            for (var network : learner.networks().values()) {
                if (!Arrays.equals(before.get(moved++), network.parameters().values())) {
                    for (var value : network.parameters().values()) {
                        if (!Float.isFinite(value)) {
                            throw new IllegalStateException("a parameter is " + value);
                        }
                    }
                } else {
                    throw new IllegalStateException("a network did not move");
                }
            }
            return new Trace(
                    Arrays.copyOf(times, blocks),
                    Arrays.copyOf(updates, blocks),
                    allocated / updates[blocks - 1],
                    kernels.description());
        }
    }

    private static double[] rates(Trace trace) {
        var rates = new double[trace.times.length - 1];
        for (var i = 0; i < rates.length; i++) {
            rates[i] = (trace.updates[i + 1] - trace.updates[i]) / (trace.times[i + 1] - trace.times[i]);
        }
        return rates;
    }

    /** The time in which all runs were measuring, in windows; the updates of all within a window are added up. */
    private static double[] jointRates(List<Trace> traces) {
        var from = traces.stream().mapToDouble(t -> t.times[0]).max().orElseThrow();
        var to = traces.stream()
                .mapToDouble(t -> t.times[t.times.length - 1])
                .min()
                .orElseThrow();
        var windows = (int) Math.max(1, (to - from) / WINDOW);
        var window = (to - from) / windows;
        var rates = new double[windows];
        for (var w = 0; w < windows; w++) {
            for (var trace : traces) {
                rates[w] += (at(trace, from + (w + 1) * window) - at(trace, from + w * window)) / window;
            }
        }
        return rates;
    }

    /** Updates done at a time, interpolated between the ends of blocks. */
    private static double at(Trace trace, double time) {
        var i = Arrays.binarySearch(trace.times, time);
        var above = i >= 0 ? Math.max(1, i) : Math.min(trace.times.length - 1, Math.max(1, -i - 1));
        var share = (time - trace.times[above - 1]) / (trace.times[above] - trace.times[above - 1]);
        return trace.updates[above - 1] + share * (trace.updates[above] - trace.updates[above - 1]);
    }

    /** The best rate of a square product on this thread, by any of the libraries that run here, in 1e9 operations a second. */
    static double sgemmGflops(double seconds) {
        var best = 0.0;
        for (var choice : Nd4jKernels.Choice.values()) {
            try (var kernels = new Nd4jKernels(choice)) {
                var a = kernels.matrix(SQUARE, SQUARE);
                var b = kernels.matrix(SQUARE, SQUARE);
                var c = kernels.matrix(SQUARE, SQUARE);
                var stop = System.nanoTime() + seconds * NANOS;
                while (System.nanoTime() < stop) {
                    var start = System.nanoTime();
                    for (var i = 0; i < 8; i++) {
                        kernels.inputGradient(a, 0, b, c);
                    }
                    best = Math.max(best, 8 * 2.0 * SQUARE * SQUARE * SQUARE / (System.nanoTime() - start));
                }
            } catch (LinkageError notForThisPlatform) {
                // The other library is there everywhere.
            }
        }
        return best;
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
