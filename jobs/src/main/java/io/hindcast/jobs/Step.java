package io.hindcast.jobs;

import io.hindcast.stage.Progress;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;

/** A stage with its checked configuration, ready to run. */
record Step<C extends Record>(Job<C> job, C config, RootConfig root) {

    static <C extends Record> Step<C> of(Job<C> job, Configuration configuration) {
        return new Step<>(job, configuration.section(job), configuration.root());
    }

    boolean needsSpark() {
        return !(job.stage() instanceof Job.WithoutSpark<C>);
    }

    StageResult run(StageContext context) {
        return job.stage().run(context, config, root);
    }

    /** Runs a step that needs no Spark. */
    StageResult run(String directory, Progress progress) {
        return ((Job.WithoutSpark<C>) job.stage()).run(directory, progress, config);
    }
}
