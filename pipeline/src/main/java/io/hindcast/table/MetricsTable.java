package io.hindcast.table;

import io.hindcast.run.Metric;
import io.hindcast.run.TrainingLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of what runs logged. */
public final class MetricsTable {
    private MetricsTable() {}

    /** Rows to publish, by run, step and name. */
    public static List<@Nullable Object[]> rows(List<TrainingLoop.Result> results) {
        var rows = new ArrayList<@Nullable Object[]>();
        var byRun = Comparator.<TrainingLoop.Result, String>comparing(
                result -> result.spec().id());
        for (var result : results.stream().sorted(byRun).toList()) {
            var id = result.spec().id();
            result.metrics().stream()
                    .sorted(Comparator.comparingLong(Metric::step).thenComparing(Metric::name))
                    .forEach(metric ->
                            rows.add(new @Nullable Object[] {id, metric.step(), metric.name(), metric.value()}));
        }
        return rows;
    }
}
