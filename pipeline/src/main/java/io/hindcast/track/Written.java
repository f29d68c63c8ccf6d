package io.hindcast.track;

import io.hindcast.run.Metric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The last step that was written, for each run and metric. By name, because a job may be killed between two metrics of
 * one step.
 */
final class Written {
    private final Map<String, Map<String, Long>> runs = new HashMap<>();

    /** Notes that {@code run} has {@code name} at {@code step}; false if it had it at that step or a later one already. */
    boolean add(String run, String name, long step) {
        var steps = runs.computeIfAbsent(run, id -> new HashMap<>());
        var last = steps.get(name);
        if (last != null && last >= step) {
            return false;
        }
        steps.put(name, step);
        return true;
    }

    /** Those of {@code metrics} that {@code run} does not have; from now on it has them. */
    List<Metric> unseen(String run, List<Metric> metrics) {
        return metrics.stream()
                .filter(metric -> add(run, metric.name(), metric.step()))
                .toList();
    }
}
