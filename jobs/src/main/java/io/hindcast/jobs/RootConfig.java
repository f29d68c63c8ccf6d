package io.hindcast.jobs;

import io.hindcast.config.Setting;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.GymnasiumConfig;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.stage.publish.PublishConfig;
import io.hindcast.track.MlflowConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys at the root of a configuration file; each job has a section of its own beside them. */
record RootConfig(
        @Setting(
                value = "null",
                meaning = "the environment in which transitions are collected and policies are evaluated; gymnasium:ID"
                        + " or gymnasium:module:Class names a Python environment")
        @Nullable String environment,

        @Setting(value = "{}", meaning = "how environments in Python are made and run")
        GymnasiumConfig gymnasium,

        @Setting(value = "[]", meaning = "the stages that the job pipeline runs, in this order")
        List<String> stages,

        @Setting(value = "{}", meaning = "where training is logged to, besides the output directory")
        MlflowConfig mlflow,

        @Setting(value = "{}", meaning = "which published tables are copied into tables of Delta or Iceberg, and where")
        PublishConfig publish,

        @Setting(
                value = "null",
                meaning =
                        "where promote keeps which policy acts, and judge, evaluate and predict find that one; absent:"
                                + " nowhere")
        @Nullable RegistryConfig registry) {

    RootConfig {
        if (environment != null) {
            new EnvironmentSpec(environment, gymnasium); // refused here rather than after hours of training
        }
    }

    /** The environment, if one is named. */
    @Nullable EnvironmentSpec world() {
        return environment == null ? null : new EnvironmentSpec(environment, gymnasium);
    }
}
