package io.hindcast.jobs;

import io.hindcast.run.CollectConfig;
import io.hindcast.stage.CollectStage;
import io.hindcast.stage.CurateConfig;
import io.hindcast.stage.CurateStage;
import io.hindcast.stage.IngestConfig;
import io.hindcast.stage.IngestStage;
import io.hindcast.stage.StatsStage;
import java.util.List;

/** The stages that have a job, in the order in which a pipeline usually runs them; a new one is one entry here. */
final class Jobs {
    static final List<Job<?>> ALL = List.of(
            new Job<>(
                    "collect",
                    "lets a behaviour policy act in an environment and logs what it did",
                    CollectConfig.class,
                    (context, config, root) -> CollectStage.run(context, root.requiredEnvironment(), config)),
            new Job<>(
                    "ingest",
                    "reads logged transitions from npz, csv, JSON or Parquet files",
                    IngestConfig.class,
                    (context, config, root) -> IngestStage.run(context, config)),
            new Job<>(
                    "stats",
                    "describes the transitions: counts, returns, lengths, ranges",
                    NoConfig.class,
                    (context, config, root) -> StatsStage.run(context)),
            new Job<>(
                    "curate",
                    "selects subsets of the episodes, such as the best tenth",
                    CurateConfig.class,
                    (context, config, root) -> CurateStage.run(context, config)));

    private Jobs() {}

    /** The section of a stage that has nothing to configure. */
    record NoConfig() {}
}
