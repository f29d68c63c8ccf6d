package io.hindcast.track;

import static io.hindcast.track.SampleRuns.logged;
import static io.hindcast.track.SampleRuns.many;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.Part;
import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written as people see it: read by TensorBoard, and asked from a real MLflow server. */
@Tag("slow")
final class TrackProgramsTest {
    private static final RunSpec RUN = SampleRuns.run(1);
    private static final String OUT = "file:/out/it's here";

    private static PythonTools python;

    @TempDir
    Path folder;

    @BeforeAll
    static void makePython() throws IOException, InterruptedException {
        Part.require(5);
        python = PythonTools.here();
    }

    @Test
    void tensorBoardReadsARunThatTwoJobsWrote() throws IOException, InterruptedException {
        try (var files = new EventFiles(folder.toString(), new Configuration(), List.of())) {
            files.logged(RUN, logged(500, 1000));
        }
        try (var files = new EventFiles(folder.toString(), new Configuration(), List.of())) {
            files.logged(RUN, logged(1000, 1500));
            files.logged(RUN, List.of(new Metric(1500, "value/mean", Double.NaN)));
            files.ended(RUN, new Outcome.Finished());
        }

        var run = folder.resolve("tensorboard").resolve(RUN.id());
        assertThat(python.run("read-events.py", run))
                .containsExactly(
                        "critic/loss 500 5.0",
                        "critic/loss 1000 10.0",
                        "critic/loss 1500 15.0",
                        "policy/gradient-norm 500 5000.0",
                        "policy/gradient-norm 1000 10000.0",
                        "policy/gradient-norm 1500 15000.0",
                        "value/mean 1500 nan");
    }

    @Test
    void tensorBoardReadsARunThatStillGoesOn() throws IOException, InterruptedException {
        try (var files = new EventFiles(folder.toString(), new Configuration(), List.of())) {
            files.logged(RUN, logged(500));
            files.flush();

            assertThat(python.run(
                            "read-events.py", folder.resolve("tensorboard").resolve(RUN.id())))
                    .containsExactly("critic/loss 500 5.0", "policy/gradient-norm 500 5000.0");
        }
    }

    @Test
    void tensorBoardListsTheRunsOfASweepWithWhatTheyDifferIn() throws IOException, InterruptedException {
        var specs = List.of(sweep(1, 0.7), sweep(2, 0.9));
        try (var files = new EventFiles(folder.toString(), new Configuration(), specs)) {
            specs.forEach(files::starts);
            files.logged(specs.get(0), List.of(new Metric(1000, "evaluation/return", 3.5)));
            files.logged(specs.get(0), List.of(new Metric(2000, "evaluation/return", 4.5)));
            files.logged(specs.get(1), logged(500));
            files.ended(specs.get(0), new Outcome.Finished());
        }

        var port = MlflowProgram.freePort();
        var logs = folder.resolve("tensorboard").toString();
        var board = python.start(
                folder.resolve("log"),
                "tensorboard.main",
                "--logdir",
                logs,
                "--host",
                "127.0.0.1",
                "--port",
                "" + port);
        try {
            assertThat(python.run("read-hparams.py", "http://127.0.0.1:" + port))
                    .containsExactly(
                            "column double DATA_TYPE_BOOL [false, true]",
                            "column expectile DATA_TYPE_FLOAT64 [0.7, 0.9]",
                            "column learner DATA_TYPE_STRING [\"iql\"]",
                            "column name DATA_TYPE_STRING [\"iql\"]",
                            "column seed DATA_TYPE_FLOAT64 [1.0, 2.0]",
                            "column subset DATA_TYPE_STRING [\"best\"]",
                            "metric evaluation/return DATASET_VALIDATION",
                            "run " + specs.get(0).id() + " STATUS_SUCCESS {\"double\": false, \"expectile\": 0.7,"
                                    + " \"learner\": \"iql\", \"name\": \"iql\", \"seed\": 1.0, \"subset\": \"best\"}",
                            "value evaluation/return 2000 4.5",
                            "run " + specs.get(1).id() + " STATUS_UNKNOWN {\"double\": true, \"expectile\": 0.9,"
                                    + " \"learner\": \"iql\", \"name\": \"iql\", \"seed\": 2.0, \"subset\": \"best\"}");
        } finally {
            board.descendants().forEach(ProcessHandle::destroyForcibly);
            board.destroyForcibly();
            board.onExit().join();
        }
    }

    private static RunSpec sweep(long seed, double expectile) {
        return SampleRuns.run(seed, Map.of("expectile", expectile, "discount", 0.99, "double", seed == 2));
    }

    @Test
    void anMlflowServerShowsARunWithItsDatasetAndArtifactsBelowItsOutput() throws IOException, InterruptedException {
        var policy = Files.createDirectories(folder.resolve("out/policies/" + RUN.id()));
        Files.writeString(policy.resolve("policy.onnx"), "a policy");
        Files.writeString(policy.resolve("policy.json"), "{}");
        var report = Files.createDirectories(folder.resolve("out/report"));
        Files.writeString(report.resolve("report.html"), "a page");
        Files.writeString(report.resolve("old curve.svg"), "a picture");
        Files.writeString(report.resolve("_manifest.json"), "of the folder");
        try (var server = new MlflowProgram(python, folder, MlflowProgram.freePort())) {
            for (var job = 0; job < 2; job++) {
                try (var mlflow = tracker(server.uri())) {
                    mlflow.starts(RUN);
                    mlflow.logged(RUN, logged(500));
                    mlflow.ended(RUN, new Outcome.Finished());
                    mlflow.flush();
                    assertThat(mlflow.unsent()).isZero();
                }
                assertThat(report(server)).isEmpty();
            }
            Files.delete(report.resolve("old curve.svg"));
            Files.writeString(report.resolve("report.html"), "another");
            assertThat(report(server)).isEmpty();

            assertThat(python.run("read-mlflow.py", server.uri()))
                    .containsExactly(
                            "run iql-s1 FINISHED below it's here",
                            "dataset best abc123 training {\"num_rows\":1200} file:/out/it's here/transitions/v3",
                            "artifact policy/policy.json {}",
                            "artifact policy/policy.onnx a policy",
                            "artifact settings/run.json {   \"name\"",
                            "run it's here FINISHED below None",
                            "artifact report/report.html another",
                            "artifact settings/train.json {}");
        }
    }

    @Test
    void anMlflowServerThatTakesNoArtifactsHasTheRestAndSaysWhy() throws IOException, InterruptedException {
        try (var server = new MlflowProgram(python, folder, MlflowProgram.freePort(), "--no-serve-artifacts")) {
            var mlflow = tracker(server.uri());
            mlflow.starts(RUN);
            mlflow.logged(RUN, logged(500));
            mlflow.ended(RUN, new Outcome.Finished());
            assertThatThrownBy(mlflow::close)
                    .hasMessageMatching("it keeps artifacts in .* and takes none by itself, so it gets no policies,"
                            + " settings or pages; start it with --serve-artifacts, and use another experiment");
            assertThat(status(server.uri())).isEqualTo("FINISHED");
            Files.createDirectories(folder.resolve("out/report"));
            Files.writeString(folder.resolve("out/report/report.html"), "a page");
            assertThat(report(server))
                    .hasValueSatisfying(why -> assertThat(why)
                            .startsWith("MLflow at " + server.uri() + " does not show report/report.html: it keeps"));
        }
    }

    private Optional<String> report(MlflowProgram server) {
        return new MlflowPages(server.uri(), "mazes", new Configuration(), Map.of())
                .show(folder.resolve("out").toString(), OUT, "report", "report.html");
    }

    @Test
    void anMlflowServerHasTheRunThatTwoJobsLoggedThoughItWasAwayMeanwhile() throws IOException, InterruptedException {
        var port = MlflowProgram.freePort();
        var uri = "http://127.0.0.1:" + port;
        try (var server = new MlflowProgram(python, folder, port);
                var mlflow = tracker(uri)) {
            mlflow.starts(RUN);
            mlflow.logged(RUN, many(1500));
            mlflow.flush();
            assertThat(mlflow.unwritten()).isZero();
            server.close();
            mlflow.logged(RUN, List.of(new Metric(1501, "critic/loss", 1501)));
            assertThatThrownBy(mlflow::flush).isInstanceOf(UncheckedIOException.class);
            try (var again = new MlflowProgram(python, folder, port)) {
                mlflow.logged(RUN, List.of(new Metric(1502, "critic/loss", 1502)));
                mlflow.flush();
                assertThat(mlflow.unwritten()).isZero();
                mlflow.close();
                assertThat(status(uri)).isEqualTo("KILLED");

                try (var next = tracker(uri)) {
                    next.starts(RUN);
                    next.logged(RUN, many(1600));
                    next.flush();
                    assertThat(status(uri)).isEqualTo("RUNNING");
                    next.logged(
                            RUN,
                            List.of(
                                    new Metric(1601, "critic/loss", Double.NaN),
                                    new Metric(1602, "critic/loss", Double.POSITIVE_INFINITY)));
                    next.ended(RUN, new Outcome.Diverged(1603, "critic/loss", Double.NaN));
                }
                check(uri);
                var all = new ArrayList<>(many(1600));
                all.add(new Metric(1601, "critic/loss", Double.NaN));
                all.add(new Metric(1602, "critic/loss", Double.POSITIVE_INFINITY));
                all.add(new Metric(1602, "value/mean", 2)); // which no job managed to send
                try (var after = tracker(uri)) {
                    after.retold(
                            new PastRun(RUN, "diverged", "critic/loss = NaN in update 1603", all.size(), () -> all));
                }
                check(uri);
                assertThat(MlflowFake.map(seen(uri), "metrics")).containsEntry("value/mean", "2.0");
                assertThat(MlflowFake.map(seen(uri), "tags")).containsEntry("hindcast.metrics", "1603");
            }
        }
    }

    private static void check(String uri) {
        var run = seen(uri);
        assertThat(run.at("/info/run_name").asText()).isEqualTo("iql-s1");
        assertThat(status(uri)).isEqualTo("FAILED");
        assertThat(MlflowFake.map(run, "tags"))
                .containsEntry("hindcast.run-id", RUN.id())
                .containsEntry("hindcast.outcome", "diverged")
                .containsEntry("hindcast.reason", "critic/loss = NaN in update 1603");
        assertThat(MlflowFake.map(run, "params"))
                .containsEntry("expectile", "0.9")
                .containsEntry("critic.hidden-layers", "[64,64]")
                .containsEntry("updates", "2000");
        var history = asked(uri)
                .get(
                        "metrics/get-history",
                        Map.of("run_id", run.at("/info/run_id").asText(), "metric_key", "critic/loss"))
                .path("metrics");
        var values = new TreeMap<Long, String>();
        history.forEach(metric -> assertThat(values.put(
                        metric.path("step").asLong(), metric.path("value").asText()))
                .isNull());
        assertThat(values).hasSize(1602).containsEntry(1501L, "1501.0").containsEntry(1601L, "NaN");
        assertThat(Double.parseDouble(values.get(1602L))).isEqualTo(Double.MAX_VALUE);
    }

    private static String status(String uri) {
        return seen(uri).at("/info/status").asText();
    }

    /** The one training run of the experiment. */
    private static JsonNode seen(String uri) {
        var server = asked(uri);
        var experiment = server.get("experiments/get-by-name", Map.of("experiment_name", "mazes"))
                .at("/experiment/experiment_id")
                .asText();
        var runs = server.post("runs/search", Map.of("experiment_ids", List.of(experiment)))
                .path("runs");
        assertThat(runs).hasSize(2);
        var isFirst = MlflowFake.map(runs.get(0), "tags").containsKey("hindcast.run-id");
        var id = runs.get(isFirst ? 0 : 1).at("/info/run_id").asText();
        return server.get("runs/get", Map.of("run_id", id)).path("run");
    }

    private static MlflowServer asked(String uri) {
        return new MlflowServer(uri, Map.of(), Duration.ofMinutes(1));
    }

    private MlflowTracker tracker(String uri) {
        var tables = List.of(
                new TrackedJob.Table("transitions", 3, OUT + "/transitions/v3"),
                new TrackedJob.Table("subsets", 2, OUT + "/subsets/v2"));
        var data = Map.of("best", new TrackedJob.Data(tables, 1200));
        return new MlflowTracker(
                uri,
                "mazes",
                new TrackedJob(folder.resolve("out").toString(), OUT, "{}", data, text -> text),
                new Configuration(),
                Map.of(),
                InstantSource.system(),
                new MlflowTracker.Limits(10_000, Duration.ofMinutes(1), Duration.ZERO));
    }
}
