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

    /** What runs logged, by the id of the run, in the order of the rows. Errors as of {@link TableRows#forEach}. */
    public static Map<String, List<Metric>> byRun(Warehouse warehouse, TableVersion version) {
        var metrics = new HashMap<String, List<Metric>>();
        TableRows.forEach(
                warehouse,
                version,
                List.of("run_id", "step", "name", "value"),
                row -> metrics.computeIfAbsent(row.getString(0), run -> new ArrayList<>())
                        .add(new Metric(row.getLong(1), row.getString(2), row.getDouble(3))));
        return metrics;
    }
}
