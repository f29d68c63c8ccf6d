package io.hindcast.track;

import static io.hindcast.track.SampleRuns.logged;
import static io.hindcast.track.SampleRuns.many;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MlflowTrackerTest {
    private static final RunSpec RUN = SampleRuns.run(1);
    private static final Outcome FINISHED = new Outcome.Finished();

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
                .isEqualTo(Map.of(
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
                        "1"));
        assertThat(MlflowFake.map(run, "params"))
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
                .hasSize(8 + 150)
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

        assertThat(server.requests.stream().filter(request -> request.endsWith("runs/update")))
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
        assertThat(lines.get(1)).startsWith("[track] MLflow at " + server.uri() + " lacks 2 metrics: ");
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

    private MlflowTracker tracker(String out) {
        return tracker(out, Map.of(), Duration.ofSeconds(20));
    }

    private MlflowTracker tracker(String out, Map<String, String> environment, Duration request) {
        return new MlflowTracker(
                server.uri(),
                "mazes",
                out,
                environment,
                () -> Instant.ofEpochMilli(1_700_000_000_000L),
                new MlflowTracker.Limits(3000, request, Duration.ZERO));
    }
}
