package io.hindcast.jobs;

import java.util.List;

/** The stages that have a job, in the order in which a pipeline usually runs them; a new one is one entry here. */
final class Jobs {
    static final List<Job<?>> ALL = List.of();

    private Jobs() {}
}
