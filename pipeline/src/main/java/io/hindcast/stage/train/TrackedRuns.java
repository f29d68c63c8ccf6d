package io.hindcast.stage.train;

import io.hindcast.config.Json;
import io.hindcast.config.Secrets;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import io.hindcast.stage.RunMessages;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.Stopping;
import io.hindcast.table.MetricsTable;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.track.EventFiles;
import io.hindcast.track.FailureFiles;
import io.hindcast.track.MetricsLog;
import io.hindcast.track.MlflowConfig;
import io.hindcast.track.MlflowTracker;
import io.hindcast.track.PastRun;
import io.hindcast.track.TrackedJob;
import io.hindcast.track.Tracker;
import io.hindcast.track.Tracking;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;

/** The runs of a job, shown to people while they train, and afterwards where that did not go well. */
record TrackedRuns(StageContext context, MlflowConfig mlflow, TrackedJob job, List<RunSpec> specs) {
    static TrackedRuns of(
            StageContext context, MlflowConfig mlflow, Request request, TrainingData data, List<RunSpec> specs) {
        return new TrackedRuns(
                context, mlflow, job(context, request, data.transitions(), data.subsets(), data.sizes()), specs);
    }

    /** Does {@code work} while everything that runs log is written down for people to look at. */
    List<TrainingLoop.Result> train(Supplier<List<TrainingLoop.Result>> work) {
        var root = context.warehouse().root();
        var trackers = new ArrayList<Tracker>(List.of(
                new MetricsLog(root, hadoop()),
                new FailureFiles(root, hadoop()),
                new EventFiles(root, hadoop(), specs)));
        toMlflow().ifPresent(trackers::add);
        try (var tracking = new Tracking(trackers, context.progress()::say, () -> Stopping.reason() != null)) {
            var news = new RunNews(context, tracking, specs);
            try (var messages = RunMessages.subscribe(news)) {
                return work.get().stream().map(news::ended).toList();
            }
        }
    }

    /**
     * Sends MLflow what it lacks of published runs, which are what their checkpoints say: what they learned from need not be there any
     * more. That this does not go well is said, and changes nothing.
     *
     * @param transitions what they learned from; empty if no run learned from any
     * @param subsets the subsets of these, if a run learned from one
     */
    static void retell(
            StageContext context,
            MlflowConfig mlflow,
            Request request,
            Optional<TableVersion> transitions,
            Optional<TableVersion> subsets,
            TableVersion runs) {
        if (mlflow.trackingUri() == null) {
            return;
        }
        try {
            var rows = TableRows.of(context.warehouse(), runs);
            var sizes = new HashMap<String, Long>();
            rows.forEach(row -> sizes.put(row.getAs("subset"), row.getAs("transitions")));
            new TrackedRuns(context, mlflow, job(context, request, transitions, subsets, sizes), List.of())
                    .retell(
                            rows,
                            context.warehouse().beside(runs, TableName.METRICS).orElseThrow());
        } catch (RuntimeException e) { // nothing is to be trained: that is how the job ends, whatever is amiss here
            context.progress()
                    .say("[track] MLflow was not told again: "
                            + StringUtils.normalizeSpace(e.getMessage() == null ? e.toString() : e.getMessage()));
        }
    }

    private void retell(List<Row> runs, TableVersion metrics) {
        var warehouse = context.warehouse();
        var checkpoints = RunsTable.checkpoints(warehouse.root(), hadoop());
        var counts = MetricsTable.counts(warehouse, metrics);
        var passed = 0;
        try (var tracking = Tracking.ofPast(
                toMlflow().stream().toList(), context.progress()::say, () -> Stopping.reason() != null)) {
            for (var row : runs) {
                var id = row.<String>getAs("run_id");
                var spec = checkpoints.spec(id);
                if (spec.isEmpty()) {
                    passed++;
                    continue;
                }
                tracking.retold(new PastRun(
                        spec.get(),
                        row.getAs("outcome"),
                        row.getAs("reason"),
                        counts.getOrDefault(id, 0L),
                        () -> MetricsTable.of(warehouse, metrics, id)));
            }
        }
        if (passed > 0) {
            context.progress()
                    .say("[track] MLflow was not told again of " + passed + " of " + runs.size()
                            + " runs: no checkpoint says what they are");
        }
    }

    private Optional<MlflowTracker> toMlflow() {
        return Optional.ofNullable(mlflow.trackingUri())
                .map(uri -> new MlflowTracker(uri.reveal(), mlflow.experiment(), job, hadoop()));
    }

    private Configuration hadoop() {
        return context.engine().hadoop();
    }

    private static TrackedJob job(
            StageContext context,
            Request request,
            Optional<TableVersion> transitions,
            Optional<TableVersion> subsets,
            Map<String, Long> sizes) {
        var location = Secrets.hideUser(context.warehouse().location());
        var data = new HashMap<String, TrackedJob.Data>();
        transitions.ifPresent(version -> sizes.forEach((subset, rows) -> {
            if (!subset.equals(RunSpec.NONE)) {
                var tables = subset.equals(RunSpec.ALL) ? List.of(version) : List.of(version, subsets.orElseThrow());
                data.put(
                        subset,
                        new TrackedJob.Data(
                                tables.stream()
                                        .map(table -> new TrackedJob.Table(
                                                table.table().directory(),
                                                table.number(),
                                                location + "/" + table.table().directory() + "/v" + table.number()))
                                        .toList(),
                                rows));
            }
        }));
        UnaryOperator<String> hiding = context.progress()::withoutSecrets;
        var settings = hiding.apply(Json.sortedLines(request.configuration()));
        return new TrackedJob(context.warehouse().root(), location, settings, data, hiding);
    }
}
