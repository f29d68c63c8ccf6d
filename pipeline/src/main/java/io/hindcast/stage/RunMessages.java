package io.hindcast.stage;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Carries lines from running tasks to the driver, live, over Spark's plugin channel; a session asks for it with
 * {@code spark.plugins=io.hindcast.stage.RunMessages}. Without it tasks are silent and everything else works.
 */
public final class RunMessages implements SparkPlugin {
    private static final List<Progress> LISTENERS = new CopyOnWriteArrayList<>();
    private static volatile @Nullable PluginContext executor;

    /** Hears every line until it is closed. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    static Subscription subscribe(Progress listener) {
        LISTENERS.add(listener);
        return () -> LISTENERS.remove(listener);
    }

    /** Sends a line from a task; a line that cannot be sent is lost. */
    static void send(String line) {
        var context = executor;
        if (context == null) {
            return;
        }
        try {
            context.send(line);
        } catch (IOException e) {
            // Progress is a courtesy: the run goes on without it.
            executor = null;
        }
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
                LISTENERS.forEach(listener -> listener.say((String) message));
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
        };
    }
}
