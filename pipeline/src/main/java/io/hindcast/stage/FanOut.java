package io.hindcast.stage;

import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/** One plain Spark task an item, with a line on the driver while they go. */
final class FanOut {
    private static final int SECONDS_BETWEEN_LINES = 10;

    private FanOut() {}

    /**
     * Applies {@code task} to every item, items first come first served.
     *
     * @param what the items in words, for example {@code "[train] runs"}
     */
    static <T extends Serializable, R> List<R> run(
            StageContext context, String what, List<T> items, Function<T, R> task) {
        var spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
        return watched(
                context,
                what,
                items.size(),
                () -> spark.parallelize(items, items.size()).map(task).collect());
    }

    /**
     * Does {@code work}, with a line every few seconds that says how many of its Spark tasks are done.
     *
     * @param what the tasks in words, for example {@code "[ingest] parts"}
     * @param tasks how many there are
     */
    static <R> R watched(StageContext context, String what, int tasks, Supplier<R> work) {
        var spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
        var group = what + " " + System.nanoTime();
        var watch = Executors.newSingleThreadScheduledExecutor(runnable -> {
            var thread = new Thread(runnable, "progress of " + what);
            thread.setDaemon(true);
            return thread;
        });
        spark.setJobGroup(group, what + ": " + tasks, true);
        try (var lines = RunMessages.subscribe(context.progress())) {
            var unused = watch.scheduleAtFixedRate(
                    () -> context.progress().say(what + ": " + finished(spark, group) + " of " + tasks + " done"),
                    SECONDS_BETWEEN_LINES,
                    SECONDS_BETWEEN_LINES,
                    TimeUnit.SECONDS);
            return work.get();
        } finally {
            watch.shutdownNow();
            spark.clearJobGroup();
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
