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
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;

/** The runs of a job, shown to people while they train, and afterwards where that did not go well. */
record TrackedRuns(StageContext context, MlflowConfig mlflow, TrackedJob job, List<RunSpec> specs) {
    static TrackedRuns of(
            StageContext context, MlflowConfig mlflow, Request request, TrainingData data, List<RunSpec> specs) {
        return new TrackedRuns(context, mlflow, job(context, request, data), specs);
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

    /** Sends MLflow what it lacks of published runs. That it does not take it is said, and changes nothing. */
    void retell(TableVersion runs, TableVersion metrics) {
        var tracker = toMlflow();
        if (tracker.isEmpty()) {
            return;
        }
        var warehouse = context.warehouse();
        var logged = MetricsTable.byRun(warehouse, metrics);
        var byId = specs.stream().collect(Collectors.toMap(RunSpec::id, spec -> spec));
        try (var tracking =
                Tracking.ofPast(List.of(tracker.get()), context.progress()::say, () -> Stopping.reason() != null)) {
            for (var row : TableRows.of(warehouse, runs)) {
                var spec = byId.get(row.<String>getAs("run_id"));
                if (spec != null) { // an earlier hindcast may have called them otherwise
                    tracking.retold(new PastRun(
                            spec,
                            row.getAs("outcome"),
                            row.getAs("reason"),
                            logged.getOrDefault(spec.id(), List.of())));
                }
            }
        }
    }

    private Optional<MlflowTracker> toMlflow() {
        return Optional.ofNullable(mlflow.trackingUri())
                .map(uri -> new MlflowTracker(uri.reveal(), mlflow.experiment(), job, hadoop()));
    }

    private Configuration hadoop() {
        return context.engine().hadoop();
    }

    private static TrackedJob job(StageContext context, Request request, TrainingData from) {
        var location = Secrets.hideUser(context.warehouse().location());
        var data = new HashMap<String, TrackedJob.Data>();
        from.transitions()
                .ifPresent(version -> from.sizes().forEach((subset, rows) -> {
                    if (!subset.equals(RunSpec.NONE)) {
                        var tables = subset.equals(RunSpec.ALL)
                                ? List.of(version)
                                : List.of(version, from.subsets().orElseThrow());
                        data.put(
                                subset,
                                new TrackedJob.Data(
                                        tables.stream()
                                                .map(table -> new TrackedJob.Table(
                                                        table.table().directory(),
                                                        table.number(),
                                                        location + "/"
                                                                + table.table().directory() + "/v" + table.number()))
                                                .toList(),
                                        rows));
                    }
                }));
        UnaryOperator<String> hiding = context.progress()::withoutSecrets;
        var settings = hiding.apply(Json.sortedLines(request.configuration()));
        return new TrackedJob(context.warehouse().root(), location, settings, data, hiding);
    }
}
