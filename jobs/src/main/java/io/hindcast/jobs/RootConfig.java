package io.hindcast.jobs;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.track.MlflowConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys at the root of a configuration file; beside them stands one section a job. */
record RootConfig(
        @Setting(
                value = "null",
                meaning = "the environment that transitions are collected in and policies are tried in")
        @Nullable String environment,

        @Setting(value = "[]", meaning = "the stages that the job pipeline runs, in this order")
        List<String> stages,

        @Setting(value = "{}", meaning = "where training is tracked, besides the output directory")
        MlflowConfig mlflow) {

    RootConfig {
        Settings.check(RootConfig.class, environment, stages, mlflow);
        if (environment != null) {
            new EnvironmentSpec(environment); // refused here rather than after hours of training
        }
    }

    /** The environment, if one is named. */
    @Nullable EnvironmentSpec world() {
        return environment == null ? null : new EnvironmentSpec(environment);
    }
}
