package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs and what they log. */
final class SampleRuns {
    private SampleRuns() {}

    static RunSpec run(long seed) {
        return run(
                seed,
                Map.of("expectile", 0.9, "critic", Map.of("hidden-layers", List.of(64, 64), "activation", "relu")));
    }

    static RunSpec run(long seed, Map<String, Object> settings) {
        return new RunSpec(
                "iql", "best", "abc123", "iql", settings, seed, 2000, 256, 1, 500, 1000, false, List.of(), false, null);
    }

    /** A loss and a norm at each of the steps: a hundredth, and ten times the step. */
    static List<Metric> logged(long... steps) {
        var metrics = new ArrayList<Metric>();
        for (var step : steps) {
            metrics.add(new Metric(step, "critic/loss", step / 100.0));
            metrics.add(new Metric(step, "policy/gradient-norm", 10.0 * step));
        }
        return metrics;
    }

    static List<Metric> many(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(step -> new Metric(step, "critic/loss", step))
                .toList();
    }
}
