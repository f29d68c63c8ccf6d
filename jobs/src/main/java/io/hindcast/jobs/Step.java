package io.hindcast.jobs;

import io.hindcast.stage.Progress;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.publish.PublishStage;
import io.hindcast.table.TableName;
import java.util.Optional;

/** A stage with its checked configuration, ready to run. */
record Step<C extends Record>(Job<C> job, C config, RootConfig root) {

    static <C extends Record> Step<C> of(Job<C> job, Configuration configuration) {
        return new Step<>(job, configuration.section(job), configuration.root());
    }

    boolean needsSpark() {
        return !(job.stage() instanceof Job.WithoutSpark<C>);
    }

    StageResult run(StageContext context) {
        var result = job.stage().run(context, config, root);
        made().ifPresent(table -> root.publish()
                .target(table)
                .ifPresent(target -> context.progress()
                        .say("[publish] "
                                + PublishStage.run(context, table, target).summary())));
        return result;
    }

    /** The table that others may have a copy of. */
    private Optional<TableName> made() {
        return switch (job.name()) {
            case "collect", "ingest" -> Optional.of(TableName.TRANSITIONS);
            case "judge" -> Optional.of(TableName.ESTIMATES);
            case "predict" -> Optional.of(TableName.PREDICTIONS);
            default -> Optional.empty();
        };
    }

    /** Runs a step that needs no Spark. */
    StageResult run(String directory, Progress progress) {
        return ((Job.WithoutSpark<C>) job.stage()).run(directory, progress, config);
    }
}
