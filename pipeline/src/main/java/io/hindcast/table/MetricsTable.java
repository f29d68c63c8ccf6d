package io.hindcast.table;

import io.hindcast.run.Metric;
import io.hindcast.run.TrainingLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** How many metrics runs logged, by the id of the run. Errors as of {@link TableRows#forEach}. */
    public static Map<String, Long> counts(Warehouse warehouse, TableVersion version) {
        var counts = new HashMap<String, Long>();
        TableRows.forEach(warehouse, version, List.of("run_id"), row -> counts.merge(row.getString(0), 1L, Long::sum));
        return counts;
    }

    /** What a run logged, in the order of the rows. Errors as of {@link TableRows#forEach}. */
    public static List<Metric> of(Warehouse warehouse, TableVersion version, String run) {
        var metrics = new ArrayList<Metric>();
        TableRows.forEach(warehouse, version, List.of("run_id", "step", "name", "value"), row -> {
            if (row.getString(0).equals(run)) {
                metrics.add(new Metric(row.getLong(1), row.getString(2), row.getDouble(3)));
            }
        });
        return metrics;
    }
}
