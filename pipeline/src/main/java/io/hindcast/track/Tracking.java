package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSError;
import org.jspecify.annotations.Nullable;

/**
 * Passes the metrics of runs to several trackers, each on its own thread, so that a slow or broken tracker stops
 * neither training nor the others. What a tracker cannot take in time is dropped, counted, and said at the end; of its
 * troubles only the first is told. All methods may be called by any thread, and none of them waits or throws, except
 * that {@link #close} waits for a while.
 */
public final class Tracking implements AutoCloseable {
    private static final Limits LIMITS = new Limits(100_000, Duration.ofSeconds(2), Duration.ofSeconds(15));
    /** So long {@link #close} waits at most: what comes after it is worth more than what people look at. */
    private static final Duration MOST = Duration.ofMinutes(5);

    private final List<Lane> lanes;
    private final BooleanSupplier isStopping;

    /**
     * How far trackers may lag behind.
     *
     * @param metrics how many may wait for one tracker; starts and ends of runs always may
     * @param betweenFlushes how often what was given is made visible
     * @param closing how long {@link #close} waits for what is left, again and again while it becomes less
     */
    record Limits(int metrics, Duration betweenFlushes, Duration closing) {}

    /**
     * Starts a thread for each.
     *
     * @param say told about trouble, a line each, by any thread
     * @param isStopping whether somebody has asked the job to stop: then {@link #close} does not wait again and again
     */
    public Tracking(List<? extends Tracker> trackers, Consumer<String> say, BooleanSupplier isStopping) {
        this(trackers, say, LIMITS, isStopping);
    }

    Tracking(List<? extends Tracker> trackers, Consumer<String> say, Limits limits) {
        this(trackers, say, limits, () -> false);
    }

    Tracking(List<? extends Tracker> trackers, Consumer<String> say, Limits limits, BooleanSupplier isStopping) {
        this(trackers, say, limits, isStopping, "training goes on");
    }

    private Tracking(
            List<? extends Tracker> trackers,
            Consumer<String> say,
            Limits limits,
            BooleanSupplier isStopping,
            @Nullable String meanwhile) {
        this.isStopping = isStopping;
        lanes = trackers.stream()
                .map(tracker -> new Lane(tracker, say, limits, meanwhile))
                .toList();
    }

    /** The same where nothing trains, for {@link #retold}. */
    public static Tracking ofPast(List<? extends Tracker> trackers, Consumer<String> say, BooleanSupplier isStopping) {
        return ofPast(trackers, say, LIMITS, isStopping);
    }

    static Tracking ofPast(
            List<? extends Tracker> trackers, Consumer<String> say, Limits limits, BooleanSupplier isStopping) {
        return new Tracking(trackers, say, limits, isStopping, null);
    }

    /** A run begins, or goes on from a checkpoint. */
    public void starts(RunSpec spec) {
        lanes.forEach(lane -> lane.take(new Call(tracker -> tracker.starts(spec), 0)));
    }

    /** A run has logged these, in the order of their steps; some of them perhaps before. */
    public void logged(RunSpec spec, List<Metric> metrics) {
        var own = List.copyOf(metrics);
        lanes.forEach(lane -> lane.take(new Call(tracker -> tracker.logged(spec, own), own.size())));
    }

    /** A run has failed after so many updates, while others go on. */
    public void failed(RunSpec spec, long updates, Outcome.Failed failed) {
        lanes.forEach(lane -> lane.take(new Call(tracker -> tracker.failed(spec, updates, failed), 0)));
    }

    /** A run is over. */
    public void ended(RunSpec spec, Outcome outcome) {
        lanes.forEach(lane -> lane.take(new Call(tracker -> tracker.ended(spec, outcome), 0)));
    }

    /** A run was over before this job. It may have any number of metrics. */
    public void retold(PastRun past) {
        lanes.forEach(lane -> lane.take(new Call(tracker -> tracker.retold(past), 0)));
    }

    /** Waits until everything is written, but not for long, and says what was not. */
    @Override
    public void close() {
        lanes.forEach(Lane::finish);
        var end = System.nanoTime() + MOST.toNanos();
        lanes.forEach(lane -> lane.await(end, isStopping));
    }

    private record Call(Consumer<Tracker> action, int metrics) {}

    /** One tracker, what waits for it, and its thread. */
    private static final class Lane {
        private final Tracker tracker;
        private final Consumer<String> say;
        private final Limits limits;
        /** What goes on though there is trouble; null: nothing, and it is told again by another job. */
        private final @Nullable String meanwhile;

        private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
        private final AtomicLong waiting = new AtomicLong();
        private final AtomicLong dropped = new AtomicLong();
        private final Thread thread;
        private volatile boolean ending;
        private boolean ended;
        private volatile @Nullable String trouble;

        Lane(Tracker tracker, Consumer<String> say, Limits limits, @Nullable String meanwhile) {
            this.tracker = tracker;
            this.say = say;
            this.limits = limits;
            this.meanwhile = meanwhile;
            thread = new Thread(this::work, "tracking: " + tracker.name());
            thread.setDaemon(true);
            thread.start();
        }

        void take(Call call) {
            if (ending || (call.metrics() > 0 && waiting.get() + call.metrics() > limits.metrics())) {
                dropped.addAndGet(call.metrics());
                return;
            }
            waiting.addAndGet(call.metrics());
            calls.add(call);
        }

        void finish() {
            ending = true;
            calls.add(new Call(last -> ended = true, 0));
        }

        void await(long end, BooleanSupplier isStopping) {
            try {
                for (var before = -1L; thread.isAlive() && tracker.answers() != before; ) {
                    before = tracker.answers();
                    var left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
                    var step = limits.closing().plus(tracker.patience()).toMillis();
                    thread.join(Math.min(
                            left, isStopping.getAsBoolean() ? limits.closing().toMillis() : step));
                    if (isStopping.getAsBoolean() || System.nanoTime() - end >= 0) {
                        break;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            var lacks = new ArrayList<String>();
            count(dropped.get() + waiting.get() + tracker.unwritten(), "metrics", lacks);
            count(tracker.unsent(), "folders of artifacts", lacks);
            var reason = trouble;
            if (!lacks.isEmpty()) {
                say.accept("[track] " + tracker.name() + " lacks " + String.join(" and ", lacks) + ": "
                        + (reason == null ? "it is too slow" : reason));
            } else if (thread.isAlive()) {
                say.accept("[track] " + tracker.name() + " may lack the end of runs: it is too slow");
            }
        }

        private static void count(long lost, String of, List<String> lacks) {
            if (lost > 0) {
                lacks.add(String.format(Locale.ROOT, "%,d %s", lost, of));
            }
        }

        private void work() {
            var flushAt = System.nanoTime() + limits.betweenFlushes().toNanos();
            try {
                while (!ended) {
                    var call = calls.poll(flushAt - System.nanoTime(), TimeUnit.NANOSECONDS);
                    if (call != null) {
                        attempt(call.action());
                        waiting.addAndGet(-call.metrics());
                    }
                    if (System.nanoTime() - flushAt >= 0) {
                        attempt(Tracker::flush);
                        flushAt = System.nanoTime() + limits.betweenFlushes().toNanos();
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            attempt(Tracker::close);
        }

        private void attempt(Consumer<Tracker> action) {
            try {
                action.accept(tracker);
            } catch (RuntimeException | FSError e) {
                var isFirst = trouble == null;
                trouble = reason(e);
                if (isFirst) {
                    say.accept("[track] warning: " + tracker.name() + " does not accept what was sent: " + reason(e)
                            + rest(e));
                }
            }
        }

        private String rest(Throwable e) {
            if (meanwhile != null) {
                return "; " + meanwhile;
            }
            return tracker.mayTakeLater(e) ? "; the same command tells it again" : "";
        }

        private static String reason(Throwable e) {
            var text = e.getMessage() == null ? e.toString() : e.getMessage();
            return text.replaceAll("\\s+", " ").strip();
        }
    }
}
