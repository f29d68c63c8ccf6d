package io.hindcast.jobs;

import io.hindcast.stage.Progress;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;

/**
 * One stage as the command line knows it.
 *
 * @param name its name on the command line, of its section in a configuration file, and in the list of stages
 * @param sentence what it does, without the final full stop
 * @param type the record that its section is read into
 */
record Job<C extends Record>(String name, String sentence, Class<C> type, Stage<C> stage) {

    /** How a stage is run; most need nothing of the root of the configuration. */
    @FunctionalInterface
    interface Stage<C> {
        StageResult run(StageContext context, C config, RootConfig root);
    }

    /** A job that works in a directory of this machine alone: no Spark is started for it. */
    @FunctionalInterface
    interface WithoutSpark<C> extends Stage<C> {
        StageResult run(String directory, Progress progress, C config);

        @Override
        default StageResult run(StageContext context, C config, RootConfig root) {
            return run(context.warehouse().root(), context.progress(), config);
        }
    }

    /** A job for which no Spark is started. */
    static <C extends Record> Job<C> withoutSpark(String name, String sentence, Class<C> type, WithoutSpark<C> stage) {
        return new Job<>(name, sentence, type, stage);
    }
}
