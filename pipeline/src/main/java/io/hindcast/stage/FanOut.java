package io.hindcast.stage;

import io.hindcast.config.Outside;
import io.hindcast.run.Outcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkException;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** Runs one Spark task for each item, with a progress line on the driver. */
public final class FanOut {
    private static final int TASKS_PER_CORE = 2;
    private static final int SECONDS_BETWEEN_LINES = 10;
    private static final int SECONDS_TO_STOP = 60;

    private FanOut() {}

    /** What becomes of a task that is cancelled. */
    public enum Cancel {
        /** Its thread is interrupted. */
        INTERRUPTS,
        /** It asks whether it is, and has something to do before it ends. */
        IS_ASKED_FOR
    }

    /** As many tasks as cores can begin at once twice. */
    public static int tasks(StageContext context) {
        return TASKS_PER_CORE * context.engine().parallelism();
    }

    /** Deals items out to as many tasks as cores can begin at once twice; every task gets some. */
    public static <T> List<List<T>> dealt(StageContext context, List<T> items) {
        var tasks = Math.min(items.size(), tasks(context));
        var dealt = new ArrayList<List<T>>();
        for (var task = 0; task < tasks; task++) {
            var some = new ArrayList<T>();
            for (var i = task; i < items.size(); i += tasks) {
                some.add(items.get(i));
            }
            dealt.add(some);
        }
        return dealt;
    }

    /**
     * Applies {@code task} to every item, items first come first served.
     *
     * @param what the items in words, for example {@code "[train] runs"}
     */
    public static <T extends Serializable, R> List<R> run(
            StageContext context, String what, List<T> items, Function<T, R> task) {
        return run(context, what, 1, items, task, Cancel.INTERRUPTS);
    }

    private static <T extends Serializable, R> List<R> run(
            StageContext context, String what, int cpus, List<T> items, Function<T, R> task, Cancel cancel) {
        var spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
        return watched(
                context,
                what,
                items.size(),
                cancel,
                () -> reserving(context, cpus, spark, spark.parallelize(items, items.size()))
                        .map(task)
                        .collect());
    }

    private static <T> JavaRDD<T> reserving(StageContext context, int cpus, JavaSparkContext spark, JavaRDD<T> items) {
        if (cpus <= spark.getConf().getInt("spark.task.cpus", 1)
                || context.engine().isLocal()) {
            return items;
        }
        return items.withResources(new ResourceProfileBuilder()
                .require(new TaskResourceRequests().cpus(cpus))
                .build());
    }

    /**
     * As {@link #run}, of tasks that do nothing but read and count: where this process does all the work, its threads do it, and
     * no Spark is started.
     */
    public static <T extends Serializable, R> List<R> read(
            StageContext context, String what, List<T> items, Function<T, R> task) {
        if (!context.engine().isLocal()) {
            return run(context, what, items, task);
        }
        var threads = Executors.newFixedThreadPool(
                Math.max(1, Math.min(items.size(), context.engine().parallelism())), runnable -> {
                    var thread = new Thread(runnable, what);
                    thread.setDaemon(true);
                    return thread;
                });
        var tasks = items.stream()
                .map(item -> threads.submit(() -> task.call(item)))
                .toList();
        try (var stop = Stopping.onRequest(() -> tasks.forEach(one -> one.cancel(true)))) {
            return awaited(context, what, tasks);
        } catch (Exception e) { // what Spark's functions throw is not declared
            var reason = Stopping.reason();
            if (reason != null) {
                throw new Stopping.Stopped(what + ": " + reason, e);
            }
            throw ExceptionUtils.<RuntimeException>rethrow(
                    e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static <R> List<R> awaited(StageContext context, String what, List<Future<R>> tasks)
            throws ExecutionException, InterruptedException {
        var results = new ArrayList<R>();
        while (results.size() < tasks.size()) {
            try {
                results.add(tasks.get(results.size()).get(SECONDS_BETWEEN_LINES, TimeUnit.SECONDS));
            } catch (TimeoutException e) {
                var done = tasks.stream().filter(Future::isDone).count();
                context.progress().say(what + ": " + done + " of " + tasks.size() + " done");
            }
        }
        return results;
    }

    /**
     * As {@link #run}, but an item whose task takes its executor with it, as often as Spark tries, does not take the others'
     * results with it. Tasks have to be such that one that is done again ends at once.
     *
     * @param cpus how many cores a task reserves, where that is more than {@code spark.task.cpus} and the master can tell apart
     * @param lost what stands for such an item, given why it failed
     * @return a result an item, in their order
     */
    public static <T extends Serializable, R> List<R> runEach(
            StageContext context,
            String what,
            int cpus,
            List<T> items,
            Function<T, R> task,
            BiFunction<T, Outcome.Failed, R> lost) {
        var results = new TreeMap<Integer, R>();
        var waiting = new TreeMap<Integer, T>();
        for (var i = 0; i < items.size(); i++) {
            waiting.put(i, items.get(i));
        }
        while (!waiting.isEmpty()) {
            attempt(context, what, cpus, waiting, task, lost, results);
            waiting.keySet().removeAll(results.keySet());
        }
        return List.copyOf(results.values());
    }

    /** Finds at least one result. */
    private static <T extends Serializable, R> void attempt(
            StageContext context,
            String what,
            int cpus,
            Map<Integer, T> waiting,
            Function<T, R> task,
            BiFunction<T, Outcome.Failed, R> lost,
            Map<Integer, R> results) {
        var places = List.copyOf(waiting.keySet());
        var items = List.copyOf(waiting.values());
        var failures = new Failures();
        context.spark().sparkContext().addSparkListener(failures);
        try {
            var found = run(context, what, cpus, items, task, Cancel.IS_ASKED_FOR);
            for (var i = 0; i < found.size(); i++) {
                results.put(places.get(i), found.get(i));
            }
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            var failure = ExceptionUtils.throwableOfType(e, SparkException.class);
            if (failure == null || e instanceof Stopping.Stopped) {
                throw ExceptionUtils.<RuntimeException>rethrow(e);
            }
            var suspects = failures.suspects(context);
            if (suspects.isEmpty()) {
                throw ExceptionUtils.<RuntimeException>rethrow(e);
            }
            if (items.size() == 1) {
                results.put(places.get(0), lost.apply(items.get(0), failures.of(0)));
                return;
            }
            // An executor's loss counts against everything that ran there: alone, each shows whose fault it was.
            for (var suspect : suspects) {
                var place = places.get(suspect);
                context.progress()
                        .say(what + ": one has failed too often, it is tried alone: "
                                + failures.of(suspect).reason());
                attempt(context, what, cpus, Map.of(place, items.get(suspect)), task, lost, results);
            }
        } finally {
            context.spark().sparkContext().removeSparkListener(failures);
        }
    }

    /** Which tasks of the job failed, and why. */
    private static final class Failures extends SparkListener {
        private final Map<Integer, Outcome.Failed> stories = new ConcurrentHashMap<>();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (!end.taskInfo().successful() && !end.taskInfo().killed()) {
                stories.put(end.taskInfo().index(), story(end.reason()));
            }
        }

        private static Outcome.Failed story(TaskEndReason reason) {
            if (reason instanceof ExceptionFailure failure) {
                var thrown = failure.className() + ": " + failure.description();
                var words = Outside.said(thrown + "\n" + failure.fullStackTrace())
                        .map(Outside::reason)
                        .orElseGet(() -> thrown.lines().findFirst().orElse(thrown));
                return Outcome.Failed.of(words, failure.fullStackTrace());
            }
            var text = reason instanceof TaskFailedReason failed ? failed.toErrorString() : reason.toString();
            return Outcome.Failed.of(text.lines().findFirst().orElse(text), "");
        }

        List<Integer> suspects(StageContext context) {
            try {
                context.spark().sparkContext().listenerBus().waitUntilEmpty();
            } catch (TimeoutException e) {
                context.progress().say("Spark is late in saying what failed");
            }
            return stories.keySet().stream().sorted().toList();
        }

        Outcome.Failed of(int index) {
            return stories.getOrDefault(index, Outcome.Failed.of("lost", ""));
        }
    }

    /**
     * Does {@code work}, with a line every few seconds that says how many of its Spark tasks are done.
     *
     * @param what the tasks in words, for example {@code "[ingest] parts"}
     * @param tasks how many there are
     */
    public static <R> R watched(StageContext context, String what, int tasks, Supplier<R> work) {
        return watched(context, what, tasks, Cancel.INTERRUPTS, work);
    }

    private static <R> R watched(StageContext context, String what, int tasks, Cancel cancel, Supplier<R> work) {
        var spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
        var watch = Executors.newSingleThreadScheduledExecutor(runnable -> {
            var thread = new Thread(runnable, "progress of " + what);
            thread.setDaemon(true);
            return thread;
        });
        try {
            return stoppable(context, what, cancel, group -> {
                // A laptop that slept owes one line, not one for every period it missed.
                var unused = watch.scheduleWithFixedDelay(
                        () -> context.progress()
                                .say(what + ": " + Math.min(tasks, finished(spark, group)) + " of " + tasks + " done"),
                        SECONDS_BETWEEN_LINES,
                        SECONDS_BETWEEN_LINES,
                        TimeUnit.SECONDS);
                return work.get();
            });
        } finally {
            watch.shutdownNow();
        }
    }

    /** Does {@code work}, whose Spark tasks speak for themselves, until somebody asks to stop. */
    public static <R> R stoppable(StageContext context, String what, Supplier<R> work) {
        return stoppable(context, what, Cancel.INTERRUPTS, group -> work.get());
    }

    /** Work whose Spark jobs are in a group of that name. */
    private interface Grouped<R> {
        R in(String group);
    }

    private static <R> R stoppable(StageContext context, String what, Cancel cancel, Grouped<R> work) {
        var spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
        var group = what + " " + System.nanoTime();
        var running = new Running();
        spark.sc().addSparkListener(running);
        spark.setJobGroup(group, what, cancel == Cancel.INTERRUPTS);
        try (var lines = RunMessages.subscribe(context.progress());
                var stop = Stopping.onRequest(() -> spark.cancelJobGroup(group))) {
            return work.in(group);
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            var reason = Stopping.reason();
            if (reason == null) {
                throw ExceptionUtils.<RuntimeException>rethrow(e);
            }
            running.waitForEnds(spark);
            throw new Stopping.Stopped(what + ": " + reason, e);
        } finally {
            spark.clearJobGroup();
            spark.sc().removeSparkListener(running);
        }
    }

    /** How many tasks are running; Spark's own count of them is late, and may have missed some. */
    private static final class Running extends SparkListener {
        private final AtomicInteger tasks = new AtomicInteger();

        @Override
        public void onTaskStart(SparkListenerTaskStart start) {
            tasks.incrementAndGet();
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            tasks.decrementAndGet();
        }

        /** Tasks that were cancelled may have something to write before they end. */
        void waitForEnds(JavaSparkContext spark) {
            var limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_STOP);
            try {
                spark.sc().listenerBus().waitUntilEmpty();
                while (tasks.get() > 0 && System.nanoTime() < limit) {
                    Thread.sleep(50);
                }
            } catch (TimeoutException e) {
                // There is more to hear than there is time for.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static int finished(JavaSparkContext spark, String group) {
        var done = 0;
        for (var job : spark.statusTracker().getJobIdsForGroup(group)) {
            var info = spark.statusTracker().getJobInfo(job);
            if (info != null) {
                for (var stage : info.stageIds()) {
                    var stageInfo = spark.statusTracker().getStageInfo(stage);
                    done += stageInfo == null ? 0 : stageInfo.numCompletedTasks();
                }
            }
        }
        return done;
    }
}
