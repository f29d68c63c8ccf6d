package io.hindcast.stage;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Carries lines and metrics from running tasks to the driver, live, over Spark's plugin channel; a session asks for it with
 * {@code spark.plugins=io.hindcast.stage.RunMessages}. Without it tasks are silent and everything else works.
 */
public final class RunMessages implements SparkPlugin {
    private static final List<Progress> LINES = new CopyOnWriteArrayList<>();
    private static final List<RunListener> RUNS = new CopyOnWriteArrayList<>();
    private static volatile @Nullable PluginContext executor;

    /** Hears every line until it is closed. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Hears how runs go; the same may come again from another attempt. */
    public interface RunListener {
        /** What the run of that id logged. */
        void logged(String run, List<Metric> metrics);

        /** The run of that id failed after so many updates. */
        void failed(String run, long updates, Outcome.Failed failed);
    }

    public static Subscription subscribe(Progress listener) {
        LINES.add(listener);
        return () -> LINES.remove(listener);
    }

    public static Subscription subscribe(RunListener listener) {
        RUNS.add(listener);
        return () -> RUNS.remove(listener);
    }

    /** Sends a line from a task; a line that cannot be sent is lost. */
    public static void send(String line) {
        sendAny(line);
    }

    /** Sends what a run logged, likewise. */
    public static void send(RunSpec spec, List<Metric> metrics) {
        // Arrays of the JDK's own types: Spark's driver does not look for other classes in the job's jar here.
        sendAny(new Object[] {
            spec.id(),
            metrics.stream().mapToLong(Metric::step).toArray(),
            metrics.stream().map(Metric::name).toArray(String[]::new),
            metrics.stream().mapToDouble(Metric::value).toArray()
        });
    }

    /** Sends that a run failed after so many updates, likewise. */
    public static void send(RunSpec spec, long updates, Outcome.Failed failed) {
        sendAny(new String[] {spec.id(), Long.toString(updates), failed.reason(), failed.trace()});
    }

    private static void sendAny(Object message) {
        var context = executor;
        if (context == null) {
            return;
        }
        try {
            context.send(message);
        } catch (IOException e) {
            // Progress is a courtesy: the run goes on without it.
            executor = null;
        }
    }

    private static List<Metric> metrics(long[] steps, String[] names, double[] values) {
        return IntStream.range(0, steps.length)
                .mapToObj(i -> new Metric(steps[i], names[i], values[i]))
                .toList();
    }

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public Map<String, String> init(SparkContext context, PluginContext plugin) {
                return Map.of();
            }

            @Override
            public @Nullable Object receive(Object message) {
                if (message instanceof String line) {
                    LINES.forEach(listener -> listener.say(line));
                } else if (message instanceof String[] story) {
                    var failed = Outcome.Failed.of(story[2], story[3]);
                    RUNS.forEach(listener -> listener.failed(story[0], Long.parseLong(story[1]), failed));
                } else if (!RUNS.isEmpty()) {
                    var parts = (Object[]) message;
                    var metrics = metrics((long[]) parts[1], (String[]) parts[2], (double[]) parts[3]);
                    RUNS.forEach(listener -> listener.logged((String) parts[0], metrics));
                }
                return null;
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> settings) {
                executor = context;
            }

            @Override
            public void shutdown() {
                executor = null; // the next session of this JVM may be without the plugin
            }
        };
    }
}
