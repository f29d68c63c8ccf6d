package io.hindcast.track;

import static io.hindcast.track.SampleRuns.logged;
import static io.hindcast.track.SampleRuns.many;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class MlflowTrackerTest {
    private static final RunSpec RUN = SampleRuns.run(1);
    private static final Outcome FINISHED = new Outcome.Finished();

    @TempDir
    Path folder;

    private MlflowFake server;

    @BeforeEach
    void start() throws IOException {
        server = new MlflowFake();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRunHasANameTagsAndItsSettingsAsParameters() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
        }

        var run = server.runs().get(0);
        assertThat(run.at("/info/run_name").asText()).isEqualTo("iql-s1");
        assertThat(MlflowFake.map(run, "tags"))
                .containsAllEntriesOf(Map.of(
                        "hindcast.run-id",
                        RUN.id(),
                        "hindcast.out",
                        "file:/out",
                        "hindcast.subset",
                        "best",
                        "hindcast.fingerprint",
                        "abc123",
                        "hindcast.learner",
                        "iql",
                        "hindcast.seed",
                        "1",
                        "hindcast.transitions",
                        "v3",
                        "hindcast.subsets",
                        "v2",
                        "mlflow.parentRunId",
                        server.outputs().get(0).at("/info/run_id").asText()));
        assertThat(MlflowFake.map(run, "params"))
                .doesNotContainKey("name") // another conf may call the same run otherwise
                .containsEntry("precision", "float32")
                .containsEntry("learner", "iql")
                .containsEntry("seed", "1")
                .containsEntry("updates", "2000")
                .containsEntry("batch-size", "256")
                .containsEntry("transformations", "[]")
                .containsEntry("expectile", "0.9")
                .containsEntry("critic.activation", "relu")
                .containsEntry("critic.hidden-layers", "[64,64]");
    }

    @Test
    void metricsKeepTheirStepsAndTheTimeAtWhichTheyWereHeard() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
        }

        assertThat(server.runs().get(0).at("/data/metrics"))
                .hasToString(
                        "[{\"key\":\"critic/loss\",\"value\":5.0,\"timestamp\":\"1700000000000\",\"step\":\"500\"},"
                                + "{\"key\":\"policy/gradient-norm\",\"value\":5000.0,\"timestamp\":\"1700000000000\","
                                + "\"step\":\"500\"}]");
    }

    @Test
    void aRequestHasAtMostAThousandMetrics() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, many(2500));
            mlflow.flush();
            assertThat(mlflow.unwritten()).isZero();
        }

        assertThat(server.steps("critic/loss")).hasSize(2500);
        assertThat(server.bodies.stream()
                        .map(body -> body.path("metrics").size())
                        .filter(size -> size > 0))
                .containsExactly(1000, 1000, 500);
    }

    @Test
    void aRequestHasAtMostAHundredParametersAndNoneIsTooLong() {
        var settings = new TreeMap<String, Object>();
        for (var i = 0; i < 150; i++) {
            settings.put("setting-" + i, "x".repeat(7000));
        }
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(SampleRuns.run(1, settings));
        }

        assertThat(MlflowFake.map(server.runs().get(0), "params"))
                .hasSize(12 + 150)
                .containsEntry("setting-149", "x".repeat(6000));
    }

    @Test
    void aFinishedRunIsFinished() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
            mlflow.ended(RUN, FINISHED);
        }

        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void aDivergedRunIsFailedAndItsTagsSayWhy() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
            mlflow.ended(RUN, new Outcome.Diverged(700, "critic/loss", Double.NaN));
        }

        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FAILED");
        assertThat(MlflowFake.map(server.runs().get(0), "tags"))
                .containsEntry("hindcast.outcome", "diverged")
                .containsEntry("hindcast.reason", "critic/loss = NaN in update 700");
    }

    @Test
    void aRunWhoseJobEndsFirstIsKilled() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
        }

        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("KILLED");
    }

    @Test
    void anotherJobContinuesTheRunAndRepeatsNoStep() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500, 1000));
        }
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.logged(RUN, logged(1000, 1500)); // before the server was asked what it has
            mlflow.flush();
            assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("RUNNING");
            mlflow.logged(RUN, logged(500, 1000, 1500, 2000));
            mlflow.ended(RUN, FINISHED);
        }

        assertThat(server.runs()).hasSize(1);
        assertThat(server.steps("critic/loss")).containsExactly(500L, 1000L, 1500L, 2000L);
        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void aFinishedRunThatIsOnlyToldAgainStaysAsItIs() {
        for (var job = 0; job < 2; job++) {
            try (var mlflow = tracker("file:/out")) {
                mlflow.logged(RUN, logged(500));
                mlflow.ended(RUN, FINISHED);
            }
        }

        var run = server.runs().get(0).at("/info/run_id");
        assertThat(server.bodies.stream()
                        .filter(body -> body.has("status") && body.get("run_id").equals(run)))
                .hasSize(1);
    }

    @Test
    void theSameRunInAnotherDirectoryIsAnother() {
        for (var out : List.of("file:/first", "file:/second's")) {
            try (var mlflow = tracker(out)) {
                mlflow.logged(RUN, logged(500));
            }
        }

        assertThat(server.runs()).hasSize(2);
    }

    @Test
    void whatAServerMissedWhileItWasDownIsSentLater() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
            mlflow.flush();
            server.failing = 503;
            mlflow.logged(RUN, logged(1000));
            assertThatThrownBy(mlflow::flush)
                    .isInstanceOf(MlflowServer.Refused.class)
                    .hasMessageContaining("503");
            mlflow.logged(RUN, logged(1500));
            assertThat(mlflow.unwritten()).isEqualTo(4);
            server.failing = 0;
            mlflow.flush();
            assertThat(mlflow.unwritten()).isZero();
        }

        assertThat(server.steps("critic/loss")).containsExactly(500L, 1000L, 1500L);
    }

    @Test
    void moreThanMayWaitIsDroppedAndCounted() {
        try (var mlflow = tracker("file:/out")) {
            server.failing = 503;
            mlflow.logged(RUN, many(3000));
            mlflow.logged(RUN, logged(4000));
            assertThatThrownBy(mlflow::flush).isInstanceOf(MlflowServer.Refused.class);
            assertThat(mlflow.unwritten()).isEqualTo(3002);
            server.failing = 0;
            mlflow.flush();
            assertThat(mlflow.unwritten()).isEqualTo(2);
        }

        assertThat(server.steps("critic/loss")).hasSize(3000);
    }

    @Test
    void whatTheServerRefusesIsDroppedAndTheRestGoesOn() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
            mlflow.flush();
            server.failing = 400;
            mlflow.logged(RUN, logged(1000));
            assertThatThrownBy(mlflow::flush)
                    .isInstanceOf(MlflowServer.Refused.class)
                    .hasMessageContaining("400");
            server.failing = 0;
            mlflow.logged(RUN, logged(1500));
            mlflow.flush();
            assertThat(mlflow.unwritten()).isEqualTo(2);
        }

        assertThat(server.steps("critic/loss")).containsExactly(500L, 1500L);
    }

    @Test
    void aRunThatSomebodyRemovedDoesNotHoldUpTheOthers() {
        var other = SampleRuns.run(2);
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
            mlflow.logged(other, logged(500));
            mlflow.flush();
            server.remove(RUN.id());
            mlflow.logged(RUN, logged(1000));
            mlflow.ended(RUN, FINISHED);
            mlflow.logged(other, logged(1000));
            mlflow.ended(other, FINISHED);
            assertThatThrownBy(mlflow::flush).hasMessageContaining("not found");
            assertThat(mlflow.unwritten()).isEqualTo(2);
        }

        assertThat(server.steps("critic/loss")).containsExactly(500L, 1000L);
        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUpForTheTime() {
        try (var mlflow = tracker("file:/out", Map.of(), Duration.ofMillis(300))) {
            server.hanging = new CountDownLatch(1);
            mlflow.logged(RUN, logged(500));
            assertThatThrownBy(mlflow::flush).isInstanceOf(RuntimeException.class);
            server.hanging.countDown();
            mlflow.flush();
            assertThat(mlflow.unwritten()).isZero();
        }

        assertThat(server.steps("critic/loss")).containsExactly(500L);
    }

    @Test
    void whereNobodyListensTrainingIsToldOnce() {
        server.close();
        var lines = new ArrayList<String>();
        try (var tracking = new Tracking(
                List.of(tracker("file:/out")),
                lines::add,
                new Tracking.Limits(1000, Duration.ofMillis(5), Duration.ofSeconds(30)))) {
            tracking.starts(RUN);
            tracking.logged(RUN, logged(500));
            tracking.ended(RUN, FINISHED);
        }

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .startsWith("[track] warning: MLflow at " + server.uri() + " does not accept what was sent: ")
                .containsIgnoringCase("refused")
                .endsWith("; training goes on");
        assertThat(lines.get(1))
                .startsWith("[track] MLflow at " + server.uri() + " lacks 2 metrics and 3 folders of artifacts: ");
    }

    @Test
    void valuesThatAreNotFiniteAreSentAsMlflowsClientsDo() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, List.of(new Metric(1, "a", Double.NaN), new Metric(1, "b", Double.NEGATIVE_INFINITY)));
        }

        var metrics = server.runs().get(0).at("/data/metrics");
        assertThat(metrics.get(0).get("value").toString()).isEqualTo("\"NaN\"");
        assertThat(metrics.get(1).get("value").toString()).isEqualTo("\"-Infinity\"");
    }

    @Test
    void credentialsComeFromTheEnvironment() {
        var user = Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "secret");
        try (var mlflow = tracker("file:/out", user, Duration.ofSeconds(20))) {
            mlflow.starts(RUN);
        }
        assertThat(server.authorization).isEqualTo("Basic bWU6c2VjcmV0");

        try (var mlflow = tracker("file:/out", Map.of("MLFLOW_TRACKING_TOKEN", "abc"), Duration.ofSeconds(20))) {
            mlflow.starts(RUN);
        }
        assertThat(server.authorization).isEqualTo("Bearer abc");

        var both = Map.of(
                "MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "", "MLFLOW_TRACKING_TOKEN", "abc");
        try (var mlflow = tracker("file:/out", both, Duration.ofSeconds(20))) {
            mlflow.starts(RUN);
        }
        assertThat(server.authorization).isEqualTo("Basic bWU6");

        try (var mlflow = tracker("file:/out", Map.of("MLFLOW_TRACKING_USERNAME", "me"), Duration.ofSeconds(20))) {
            mlflow.starts(RUN);
        }
        assertThat(server.authorization).isEqualTo("null");
    }

    @Test
    void noMessageShowsThem() {
        var user = Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "guess-me-not");
        for (var status : new int[] {302, 401, 500}) {
            try (var mlflow = tracker("file:/out", user, Duration.ofSeconds(20))) {
                mlflow.logged(RUN, logged(500));
                server.failing = status;
                assertThatThrownBy(mlflow::flush)
                        .hasMessage("Cannot GET mlflow/experiments/get-by-name: the server answers " + status)
                        .hasNoCause();
                server.failing = 0;
            }
        }
        // Nor does it go where it is sent to.
        assertThat(server.requests).noneMatch(request -> request.endsWith("elsewhere"));
    }

    @Test
    void aServerThatIsAskedTooMuchIsAskedAgain() {
        try (var mlflow = tracker("file:/out")) {
            server.failing = 429;
            var waits = new Thread(() -> {
                mlflow.logged(RUN, logged(500));
                mlflow.flush();
            });
            waits.start();
            while (server.requests.isEmpty()) {
                Thread.onSpinWait();
            }
            server.failing = 0;
            waits.join();
            assertThat(mlflow.unwritten()).isZero();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }

        assertThat(server.steps("critic/loss")).containsExactly(500L);
    }

    @Test
    void whatARunLearnsFromIsItsDataset() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
        }

        var given = server.runs().get(0).at("/inputs/dataset_inputs");
        assertThat(given).hasSize(1);
        assertThat(given.at("/0/tags")).hasToString("[{\"key\":\"mlflow.data.context\",\"value\":\"training\"}]");
        var dataset = given.at("/0/dataset");
        assertThat(dataset.get("name").asText()).isEqualTo("best");
        assertThat(dataset.get("digest").asText()).isEqualTo("abc123");
        assertThat(dataset.get("source_type").asText()).isEqualTo("local");
        assertThat(dataset.get("source").asText())
                .isEqualTo("{\"subsets\":2,\"transitions\":3,\"uri\":\"file:/out/transitions/v3\"}");
        assertThat(dataset.get("profile").asText()).isEqualTo("{\"num_rows\":1200}");
    }

    @Test
    void aRunThatLearnsFromNoDataHasNoDataset() {
        var job = new TrackedJob("/out", "file:/out", "{}", Map.of(), text -> text);
        try (var mlflow = tracker(job, Map.of(), Duration.ofSeconds(20))) {
            mlflow.starts(RUN);
        }

        assertThat(server.count("POST runs/log-inputs")).isZero();
    }

    @Test
    void runsAreBelowTheRunOfTheirOutputDirectoryWhichIsOverWhenTheyAre() {
        try (var mlflow = tracker("file:/some/maze")) {
            mlflow.starts(RUN);
            mlflow.flush();
            assertThat(server.outputs().get(0).at("/info/status").asText()).isEqualTo("RUNNING");
            mlflow.starts(SampleRuns.run(2));
            mlflow.ended(RUN, FINISHED);
            mlflow.ended(SampleRuns.run(2), new Outcome.Diverged(700, "critic/loss", Double.NaN));
        }

        assertThat(server.outputs()).hasSize(1);
        var parent = server.outputs().get(0);
        assertThat(parent.at("/info/run_name").asText()).isEqualTo("maze");
        assertThat(parent.at("/info/status").asText()).isEqualTo("FINISHED");
        assertThat(server.runs())
                .hasSize(2)
                .allSatisfy(run -> assertThat(MlflowFake.map(run, "tags"))
                        .containsEntry(
                                "mlflow.parentRunId", parent.at("/info/run_id").asText()));
    }

    @Test
    void aFinishedRunHasItsSettingsAndItsPolicyAsArtifactsAndTheJobHasItsOwn() throws IOException {
        policy(RUN, "a policy");
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.ended(RUN, FINISHED);
            mlflow.flush();
            assertThat(mlflow.unsent()).isZero();
        }

        var files = server.files(server.runs().get(0));
        assertThat(files)
                .containsEntry("policy/policy.json", "{\"step\":2000}")
                .containsEntry("policy/policy.onnx", "a policy")
                .containsOnlyKeys("policy/policy.json", "policy/policy.onnx", "settings/run.json");
        assertThat(files.get("settings/run.json"))
                .contains("\"expectile\" : 0.9")
                .contains("\"activation\" : \"***\""); // which stands for a secret
        assertThat(server.files(server.outputs().get(0)))
                .isEqualTo(Map.of("settings/train.json", "{ \"log-every\" : 500 }"));
        assertThat(server.requests.stream()
                        .filter(request -> request.startsWith("PUT") && request.contains("/policy/")))
                .satisfiesExactly(
                        first -> assertThat(first).endsWith("policy.onnx"),
                        last -> assertThat(last).endsWith("policy.json"));
    }

    @Test
    void artifactsThatAreThereAreNotSentAgainAndOthersReplaceThem() throws IOException {
        for (var text : List.of("a policy", "a policy", "another")) {
            policy(RUN, text);
            try (var mlflow = tracker("file:/out")) {
                mlflow.starts(RUN);
                mlflow.ended(RUN, FINISHED);
            }
        }

        assertThat(server.files(server.runs().get(0))).containsEntry("policy/policy.onnx", "another");
        // The settings of the run and the job, and two files of each of two policies.
        assertThat(server.requests.stream().filter(request -> request.startsWith("PUT")))
                .hasSize(2 + 4);
        assertThat(server.requests.stream().filter(request -> request.startsWith("DELETE")))
                .hasSize(1);
    }

    @Test
    void aRunWithoutAPolicyOwesNone() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.ended(RUN, FINISHED);
            mlflow.flush();
            assertThat(mlflow.unsent()).isZero();
        }

        assertThat(server.files(server.runs().get(0))).containsOnlyKeys("settings/run.json");
    }

    @Test
    void aPolicyThatIsNotTakenHoldsUpNothingAndIsCounted() throws IOException {
        policy(RUN, "a policy");
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, logged(500));
            mlflow.flush();
            server.failingFiles = 413;
            mlflow.ended(RUN, FINISHED);
            mlflow.logged(SampleRuns.run(2), logged(500));
            assertThatThrownBy(mlflow::flush).hasMessageContaining("413");
            assertThat(mlflow.unwritten()).isZero();
            assertThat(mlflow.unsent()).isEqualTo(2);
        }

        assertThat(server.files(server.runs().get(0))).containsOnlyKeys("settings/run.json");
        assertThat(server.runs()).hasSize(2);
        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void artifactsAreTriedAgainWhileTheServerIsDownOrBusy() throws IOException {
        policy(RUN, "a policy");
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.flush();
            server.failingFiles = 503;
            mlflow.ended(RUN, FINISHED);
            assertThatThrownBy(mlflow::flush).hasMessageContaining("503");
            server.failingFiles = 0;
            mlflow.flush();
            assertThat(mlflow.unsent()).isZero();
        }

        assertThat(server.files(server.runs().get(0))).containsKey("policy/policy.json");
    }

    @Test
    void whatFailsThreeTimesIsCountedAndHoldsUpNothingAnyMore() throws IOException {
        policy(RUN, "a policy");
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.flush();
            server.failingFiles = 500;
            mlflow.ended(RUN, FINISHED);
            for (var time = 0; time < 3; time++) {
                assertThatThrownBy(mlflow::flush).hasMessageContaining("500");
            }
            mlflow.flush();
            assertThat(mlflow.unsent()).isEqualTo(1);
        }

        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void whatIsLeftOfAnUploadThatBrokeOffIsRemovedByTheNext() throws IOException {
        policy(RUN, "a policy");
        server.failingFiles = 413;
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.ended(RUN, FINISHED);
            assertThatThrownBy(mlflow::flush).hasMessageContaining("413");
        }
        server.failingFiles = 0;
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.ended(RUN, FINISHED);
        }

        assertThat(server.requests.stream().filter(request -> request.startsWith("DELETE")))
                .hasSize(3); // settings of the job and of the run, and the policy
        assertThat(server.files(server.runs().get(0))).containsKey("policy/policy.json");
    }

    @Test
    void artifactsThatTheServerMissedWhileItWasDownAreSentLater() throws IOException {
        policy(RUN, "a policy");
        try (var mlflow = tracker("file:/out", Map.of(), Duration.ofMillis(300))) {
            mlflow.starts(RUN);
            mlflow.flush();
            server.hanging = new CountDownLatch(1);
            mlflow.ended(RUN, FINISHED);
            assertThatThrownBy(mlflow::flush).isInstanceOf(RuntimeException.class);
            server.hanging.countDown();
            mlflow.flush();
            assertThat(mlflow.unsent()).isZero();
        }

        assertThat(server.files(server.runs().get(0))).containsKey("policy/policy.json");
    }

    @Test
    void aServerThatTakesNoArtifactsIsToldOnceWhyItHasNone() throws IOException {
        policy(RUN, "a policy");
        server.artifacts = "s3://secret-bucket/1/";
        var lines = new ArrayList<String>();
        try (var tracking = new Tracking(
                List.of(tracker("file:/out")),
                lines::add,
                new Tracking.Limits(1000, Duration.ofMillis(5), Duration.ofSeconds(30)))) {
            tracking.starts(RUN);
            tracking.logged(RUN, logged(500));
            tracking.ended(RUN, FINISHED);
        }

        assertThat(lines)
                .containsExactly("[track] warning: MLflow at " + server.uri()
                        + " does not accept what was sent: it keeps artifacts in s3:… and takes none by itself, so it"
                        + " gets no policies, settings or pages; start it with --serve-artifacts, and use another"
                        + " experiment; training goes on");
        assertThat(server.steps("critic/loss")).containsExactly(500L);
        assertThat(server.runs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
        assertThat(server.outputs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
        assertThat(server.requests).noneMatch(request -> request.startsWith("PUT"));
    }

    @Test
    void aRunOfAnEarlierHindcastComesBelowItsOutputAndKeepsWhatItHas() {
        var none = new TrackedJob("/out", "file:/out", "{}", Map.of(), text -> text);
        try (var mlflow = tracker(none, Map.of(), Duration.ofSeconds(20))) {
            mlflow.logged(RUN, logged(500));
        }
        assertThat(MlflowFake.map(server.runs().get(0), "tags")).doesNotContainKey("hindcast.transitions");
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
        }

        assertThat(server.runs()).hasSize(1);
        assertThat(MlflowFake.map(server.runs().get(0), "tags"))
                .containsEntry("hindcast.transitions", "v3")
                .containsEntry("hindcast.seed", "1");
    }

    @Test
    void aFinishedRunThatWasToldWholeIsSentNothingWhenItIsRetold() throws IOException {
        policy(RUN, "a policy");
        try (var mlflow = tracker("file:/out")) {
            mlflow.starts(RUN);
            mlflow.logged(RUN, logged(500, 1000));
            mlflow.ended(RUN, FINISHED);
        }
        var sent = server.changes();
        retell(past("finished", null, logged(500, 1000)));

        assertThat(MlflowFake.map(server.runs().get(0), "tags")).containsEntry("hindcast.metrics", "4");
        assertThat(server.changes()).isEqualTo(sent);
        assertThat(server.count("GET metrics/get-history")).isZero();
    }

    @Test
    void aRunThatTheServerNeverHeardOfIsRetoldAndAsItWas() throws IOException {
        policy(RUN, "a policy");
        for (var time = 0; time < 2; time++) {
            retell(past("finished", null, logged(500, 1000)));
        }

        assertThat(server.runs()).hasSize(1);
        var run = server.runs().get(0);
        assertThat(server.steps("critic/loss")).containsExactly(500L, 1000L);
        assertThat(run.at("/info/status").asText()).isEqualTo("FINISHED");
        assertThat(MlflowFake.map(run, "params")).containsEntry("expectile", "0.9");
        assertThat(MlflowFake.map(run, "tags")).containsEntry("hindcast.outcome", "finished");
        assertThat(server.files(run)).containsKeys("policy/policy.json", "settings/run.json");
        assertThat(server.outputs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
        assertThat(server.files(server.outputs().get(0))).containsKey("settings/train.json");
    }

    @Test
    void ofAKilledJobsRunOnlyWhatIsMissingIsSentAlsoWhereItIsInTheMiddle() {
        try (var mlflow = tracker("file:/out")) {
            mlflow.logged(RUN, List.of(new Metric(500, "critic/loss", 5)));
            mlflow.flush();
            mlflow.logged(RUN, logged(1500));
        }
        server.page = 1;
        retell(past("diverged", "critic/loss = NaN in update 1500", logged(500, 1000, 1500)));

        assertThat(server.steps("critic/loss")).containsExactly(500L, 1500L, 1000L);
        assertThat(server.steps("policy/gradient-norm")).containsExactly(1500L, 500L, 1000L);
        var run = server.runs().get(0);
        assertThat(run.at("/info/status").asText()).isEqualTo("FAILED");
        assertThat(MlflowFake.map(run, "tags"))
                .containsEntry("hindcast.reason", "critic/loss = NaN in update 1500")
                .containsEntry("hindcast.metrics", "6");
        var sent = server.changes();
        retell(past("diverged", "critic/loss = NaN in update 1500", logged(500, 1000, 1500)));
        assertThat(server.changes()).isEqualTo(sent);
    }

    @Test
    void whatWasDroppedWhileTheServerWasDownIsRetold() {
        var all = many(3500);
        try (var mlflow = tracker("file:/out")) {
            server.failing = 503;
            mlflow.logged(RUN, all.subList(0, 3300)); // of which 3,000 may wait
            assertThatThrownBy(mlflow::flush).hasMessageContaining("503");
            server.failing = 0;
            mlflow.flush();
            mlflow.logged(RUN, all.subList(3300, 3500));
            mlflow.ended(RUN, FINISHED);
        }
        assertThat(server.steps("critic/loss")).hasSize(3200);
        retell(past("finished", null, all));

        assertThat(server.steps("critic/loss")).hasSize(3500).doesNotHaveDuplicates();
    }

    @Test
    void aServerThatGoesWhileItIsRetoldIsSentTheRestByTheNext() {
        for (var what : List.of("params", "metrics", "tags")) {
            server.remove(RUN.id());
            retell(past("finished", null, logged(500)));
            try (var mlflow = tracker("file:/out")) {
                mlflow.retold(past("finished", null, logged(500, 1000, 1500)));
                server.failingOf = (path, body) -> body.has(what);
                assertThatThrownBy(mlflow::flush).hasMessageContaining("503");
                assertThat(mlflow.unwritten()).isEqualTo(what.equals("tags") ? 0 : 4);
                server.failingOf = (path, body) -> false;
                mlflow.flush();
                assertThat(mlflow.unwritten()).isZero();
            }

            assertThat(server.steps("critic/loss")).containsExactly(500L, 1000L, 1500L);
            assertThat(server.steps("policy/gradient-norm")).containsExactly(500L, 1000L, 1500L);
            assertThat(MlflowFake.map(server.runs().get(0), "tags")).containsEntry("hindcast.metrics", "6");
        }
    }

    @Test
    void aPastRunThatTheServerFailsToTakeHoldsUpNoneBehindIt() throws IOException {
        policy(SampleRuns.run(2), "a policy");
        var mlflow = tracker("file:/out");
        server.failingOf =
                (path, body) -> path.equals("runs/create") && body.toString().contains(RUN.id());
        mlflow.retold(past("finished", null, logged(500)));
        mlflow.retold(new PastRun(SampleRuns.run(2), "finished", null, 2, () -> logged(500)));

        assertThatThrownBy(mlflow::close).hasMessageContaining("503");
        assertThat(server.steps("critic/loss")).containsExactly(500L);
        assertThat(MlflowFake.map(server.runs().get(0), "tags")).containsEntry("hindcast.seed", "2");
        assertThat(server.files(server.runs().get(0))).containsKey("policy/policy.json");
        assertThat(server.outputs().get(0).at("/info/status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void aServerThatDoesNotAnswerIsAskedOnceAndNotForEveryPastRun() {
        server.hanging = new CountDownLatch(1);
        try (var mlflow = tracker("file:/out", Map.of(), Duration.ofMillis(300))) {
            mlflow.retold(past("finished", null, logged(500)));
            mlflow.retold(new PastRun(SampleRuns.run(2), "finished", null, 2, () -> logged(500)));
            assertThatThrownBy(mlflow::flush).hasMessageContaining("no answer within 0.3 s");
            assertThat(server.requests).hasSize(1);
            server.hanging.countDown();
        }

        assertThat(server.runs()).hasSize(2);
    }

    @Test
    void ofAPastRunThatTheServerHasWholeNoMetricIsRead() {
        retell(past("finished", null, logged(500, 1000)));
        try (var mlflow = tracker("file:/out")) {
            mlflow.retold(new PastRun(RUN, "finished", null, 4, () -> {
                throw new AssertionError("they were read");
            }));
            mlflow.flush();
        }

        assertThat(server.steps("critic/loss")).containsExactly(500L, 1000L);
    }

    @Test
    void whatIsRefusedForGoodIsNotPromisedToBeToldAgain() {
        server.artifacts = "s3://secret-bucket/1/";
        assertThat(retoldLines())
                .singleElement()
                .asString()
                .endsWith("start it with --serve-artifacts, and use another experiment");
        assertThat(retoldLines()).isEmpty();
        server.failing = 403;
        assertThat(retoldLines())
                .singleElement()
                .asString()
                .contains("answers 403")
                .doesNotContain("again");
        server.failing = 500;
        assertThat(retoldLines()).singleElement().asString().endsWith("; the same command tells it again");
    }

    private List<String> retoldLines() {
        var lines = Collections.synchronizedList(new ArrayList<String>());
        var limits = new Tracking.Limits(1000, Duration.ofSeconds(5), Duration.ofSeconds(30));
        try (var tracking = Tracking.ofPast(List.of(tracker("file:/out")), lines::add, limits, () -> false)) {
            tracking.retold(past("finished", null, logged(500)));
        }
        return lines;
    }

    private static PastRun past(String outcome, String reason, List<Metric> metrics) {
        return new PastRun(RUN, outcome, reason, metrics.size(), () -> metrics);
    }

    private void retell(PastRun past) {
        try (var mlflow = tracker("file:/out")) {
            mlflow.retold(past);
        }
    }

    private void policy(RunSpec spec, String text) throws IOException {
        var of = Files.createDirectories(folder.resolve("policies").resolve(spec.id()));
        Files.writeString(of.resolve("policy.onnx"), text);
        Files.writeString(of.resolve("policy.json"), "{\"step\":2000}");
    }

    private MlflowTracker tracker(String out) {
        return tracker(out, Map.of(), Duration.ofSeconds(20));
    }

    private MlflowTracker tracker(String out, Map<String, String> environment, Duration request) {
        var tables = List.of(
                new TrackedJob.Table("transitions", 3, out + "/transitions/v3"),
                new TrackedJob.Table("subsets", 2, out + "/subsets/v2"));
        var data = Map.of("best", new TrackedJob.Data(tables, 1200));
        return tracker(
                new TrackedJob(
                        folder.toString(), out, "{ \"log-every\" : 500 }", data, text -> text.replace("relu", "***")),
                environment,
                request);
    }

    private MlflowTracker tracker(TrackedJob job, Map<String, String> environment, Duration request) {
        return new MlflowTracker(
                server.uri(),
                "mazes",
                job,
                new Configuration(),
                environment,
                () -> Instant.ofEpochMilli(1_700_000_000_000L),
                new MlflowTracker.Limits(3000, request, Duration.ZERO));
    }
}
