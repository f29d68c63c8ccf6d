package io.hindcast.jobs;

import io.hindcast.config.Secrets;
import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** Hides the driver's secrets in the logs of executors, too: each asks for them before its first task. */
public final class ExecutorLogs implements SparkPlugin {
    /** What Spark calls the executor within the driver. */
    private static final String DRIVER = "driver";

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public Object receive(Object message) {
                return LogsWithoutSecrets.secrets().learned().toArray(String[]::new);
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            /** What fails here ends the executor: better none than one that logs secrets. */
            @Override
            public void init(PluginContext context, Map<String, String> settings) {
                if (context.executorID().equals(DRIVER)) {
                    return; // the driver's own logs
                }
                try {
                    var secrets = new Secrets();
                    for (var secret : (String[]) context.ask("secrets")) {
                        secrets.learn(secret);
                    }
                    LogsWithoutSecrets.install(secrets);
                } catch (Exception e) { // as Spark declares it
                    throw new IllegalStateException("Cannot learn which secrets not to log", e);
                }
            }
        };
    }
}
