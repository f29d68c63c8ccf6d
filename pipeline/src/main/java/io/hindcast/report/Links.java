package io.hindcast.report;

import java.util.List;
import java.util.Map;

/**
 * What a page leads to, relative to its own directory; only what is there.
 *
 * @param pages what lies beside it
 * @param runs what runs left, by their ids
 */
public record Links(List<Link> pages, Map<String, List<Link>> runs) {
    /**
     * A link.
     *
     * @param words what it leads to
     */
    public record Link(String words, String href) {}

    /** What a run left. */
    List<Link> of(TrainedRun run) {
        return runs.getOrDefault(run.runId(), List.of());
    }
}
