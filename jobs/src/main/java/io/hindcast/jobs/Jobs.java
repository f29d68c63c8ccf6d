package io.hindcast.jobs;

import io.hindcast.stage.CollectStage;
import io.hindcast.stage.CurateConfig;
import io.hindcast.stage.CurateStage;
import io.hindcast.stage.IngestConfig;
import io.hindcast.stage.IngestStage;
import java.util.List;

/** The stages that have a job, in the order in which a pipeline usually runs them; a new one is one entry here. */
final class Jobs {
    static final List<Job<?>> ALL = List.of();

    private Jobs() {}
}
