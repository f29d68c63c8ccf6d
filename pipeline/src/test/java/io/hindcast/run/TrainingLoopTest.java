package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.learn.LearnerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingLoopTest {
    private static final String SMALL =
            "actor.hidden-layers = [8], critic.hidden-layers = [8], value.hidden-layers = [8]";

    @TempDir
    Path folder;

    @Test
    void aRunThatWasStoppedAndResumedEndsWithTheSameBytes() throws IOException {
        var spec = spec(SMALL, 40);
        TrainingLoop.run(spec, data(), store("whole"), quiet());

        var stopped = TrainingLoop.run(spec, data(), store("resumed"), stopAt(25));
        assertThat(stopped.outcome()).isEqualTo(new Outcome.Stopped("stopped at update 25"));
        assertThat(store("resumed").steps(spec.id())).containsExactly(0L, 10L, 20L, 25L);
        var resumed = TrainingLoop.run(spec, data(), store("resumed"), quiet());

        assertThat(resumed.outcome()).isEqualTo(new Outcome.Finished());
        for (var step : List.of(0L, 10L, 20L, 30L, 40L)) {
            for (var part : List.of("state.safetensors", "metrics.jsonl", "checkpoint.json")) {
                assertThat(bytes("resumed", spec, step, part))
                        .as("%s at %d", part, step)
                        .isEqualTo(bytes("whole", spec, step, part));
            }
        }
        assertThat(store("resumed").steps(spec.id())).containsExactly(0L, 10L, 20L, 30L, 40L);
        assertThat(resumed.metrics())
                .isEqualTo(store("whole").metrics(spec.id(), 40))
                .isNotEmpty();
    }

    @Test
    void aRunWhoseLastCheckpointIsDamagedGoesOnFromTheOneBeforeAndMendsIt() throws IOException {
        var spec = spec(SMALL, 40);
        TrainingLoop.run(spec, data(), store("whole"), quiet());
        TrainingLoop.run(spec, data(), store("damaged"), quiet());
        var state = folder.resolve("damaged")
                .resolve(CheckpointStore.location(spec.id(), 40))
                .resolve("state.safetensors");
        Files.write(state, new byte[10]);

        var warnings = new ArrayList<String>();
        TrainingLoop.run(spec, data(), store("damaged"), new TrainingLoop.Listener() {
            @Override
            public void starts(long step, String kernels) {
                assertThat(step).isEqualTo(30);
            }

            @Override
            public void warning(long step, String text) {
                warnings.add(text);
            }
        });
        assertThat(warnings).hasSize(1).first().asString().contains("state.safetensors is damaged");
        assertThat(bytes("damaged", spec, 40)).isEqualTo(bytes("whole", spec, 40));
    }

    @Test
    void everyCheckpointIsPlayedAndTheBestIsKept() {
        var spec = spec(SMALL, 40);
        var played = new ArrayList<Long>();
        TrainingLoop.Evaluation evaluation = checkpoint -> {
            played.add(checkpoint.step());
            return 1 - Math.abs(checkpoint.step() - 10.0); // the best at 10
        };
        var result = TrainingLoop.run(spec, data(), store("s"), new Retention(1, 100), null, evaluation, quiet());
        assertThat(played).containsExactly(0L, 10L, 20L, 30L, 40L);
        assertThat(store("s").steps(spec.id())).containsExactly(0L, 10L, 40L);
        assertThat(result.metrics())
                .filteredOn(metric -> metric.name().equals(TrainingLoop.RETURN))
                .extracting(Metric::value)
                .containsExactly(-9.0, 1.0, -9.0, -19.0, -29.0);
        var plain = TrainingLoop.run(spec, data(), store("plain"), quiet());
        assertThat(result.metrics())
                .filteredOn(metric -> !metric.name().equals(TrainingLoop.RETURN))
                .isEqualTo(plain.metrics());
    }

    @Test
    void howManyCheckpointsThereAreMakesNoneOfThemSlower() {
        var listings = new ArrayList<Integer>();
        for (var updates : List.of(20L, 200L)) {
            FailingFileSystem.failAt(0, FailingFileSystem.Fault.BEFORE);
            var spec = spec(SMALL, updates);
            var store = new CheckpointStore(
                    "failing://" + folder.resolve("s" + updates), FailingFileSystem.configuration());
            TrainingLoop.run(spec, data(), store, new Retention(1, 100), null, null, quiet());
            listings.add(FailingFileSystem.listings());
            assertThat(store.steps(spec.id())).isEqualTo(updates == 20L ? List.of(0L, 20L) : List.of(0L, 200L));
        }
        // To look at them just now was a listing.
        assertThat(FailingFileSystem.listings()).isGreaterThan(listings.get(1));
        assertThat(listings.get(1)).isEqualTo(listings.get(0));
    }

    @Test
    void aWarmStartBeginsWithTheParametersOfAnotherRunAndNewOptimisers() {
        var first = spec(SMALL, 20);
        TrainingLoop.run(first, data(), store("s"), quiet());
        var warm = warm(
                spec(SMALL, 40), new CheckpointRef(first.id(), 20, store("s").fingerprint(first.id(), 20)));
        assertThat(warm.id()).isNotEqualTo(spec(SMALL, 40).id());
        TrainingLoop.run(warm, data(), store("s"), stopAt(0));
        var begun = store("s").read(warm.id(), 0);
        var ended = store("s").read(first.id(), 20);
        assertThat(begun.tensors().get("actor.layers.0.weight").values())
                .isEqualTo(ended.tensors().get("actor.layers.0.weight").values());
        assertThat(begun.tensors().get("adam.actor.0.first-moment").values()).containsOnly(0);
        assertThat(begun.counters().values()).containsOnly(0L);

        var stranger = warm(spec(SMALL, 40), new CheckpointRef(first.id(), 20, "another"));
        assertThatThrownBy(() -> TrainingLoop.run(stranger, data(), store("s"), quiet()))
                .isInstanceOf(CheckpointStore.Replaced.class)
                .hasMessageEndingWith("that checkpoint is another one by now");
    }

    @Test
    void aFinishedRunIsNotRepeated() {
        var spec = spec(SMALL, 20);
        var first = TrainingLoop.run(spec, data(), store("s"), quiet());
        var again = TrainingLoop.run(spec, data(), store("s"), new TrainingLoop.Listener() {
            @Override
            public void progress(long step, double updatesPerSecond, double loss) {
                throw new AssertionError("an update was done");
            }
        });
        assertThat(again).isEqualTo(first);
    }

    @Test
    void anExplodingLossEndsAsDivergedAndKeepsTheLastGoodCheckpoint() {
        var spec = spec(SMALL + ", critic.learning-rate = 1e15, value.learning-rate = 1e15", 1000);
        var result = TrainingLoop.run(spec, data(), store("s"), quiet());
        assertThat(result.outcome()).isInstanceOf(Outcome.Diverged.class);
        var diverged = (Outcome.Diverged) result.outcome();
        assertThat(diverged.reason())
                .matches("(critic|critic-0|value|policy)/loss = (NaN|-?Infinity|-?[0-9.]+E[0-9]+) in update \\d+");
        assertThat(store("s").latest(spec.id()).orElseThrow().step()).isLessThan(diverged.step());
    }

    @Test
    void aLearnerThatThrowsIsFoundByClassAndLineAndItsUpdatesAndMetricsUntilThenAreKept() {
        var spec = tabular();
        var seeds = new Seeds(spec.seed());
        var drawn = seeds.generator("batch", 7).nextInt(50);
        for (var update = 1; update < 7; update++) {
            assertThat(seeds.generator("batch", update).nextInt(50)).isNotEqualTo(drawn);
        }
        var data = new ReplayBuffer(new Spaces(2, new ActionSpace.Discrete(3)), 50);
        for (var i = 0; i < 50; i++) {
            // There is no action 999: the table of values has no place for it.
            var action = new Action.Index(i == drawn ? 999 : 0);
            data.append(new float[] {1, 0}, action, -1, new float[] {0, 1}, TerminalFlag.STOPS_BOOTSTRAP);
        }

        var result = TrainingLoop.run(spec, data, store("s"), quiet());

        var failed = (Outcome.Failed) result.outcome();
        assertThat(failed.reason()).startsWith("java.lang.ArrayIndexOutOfBoundsException: Index ");
        assertThat(failed.at()).matches("io\\.hindcast\\.learn\\.TabularQ\\.value\\(TabularQ\\.java:\\d+\\)");
        assertThat(failed.trace()).contains("at " + failed.at(), "at io.hindcast.run.TrainingLoop.update(");
        assertThat(result.updates()).isEqualTo(6);
        assertThat(result.metrics())
                .extracting(Metric::step)
                .contains(2L, 4L, 6L)
                .doesNotContain(7L, 8L);
        assertThat(store("s").steps(spec.id())).containsExactly(0L, 4L);

        // Of one that took its executor with it the last checkpoint tells.
        var lost = TrainingLoop.failed(spec, store("s"), Outcome.Failed.of("ExecutorLostFailure", ""));
        assertThat(lost.updates()).isEqualTo(4);
        assertThat(lost.metrics()).extracting(Metric::step).contains(2L, 4L).doesNotContain(6L);
        var never = TrainingLoop.failed(spec, store("none"), Outcome.Failed.of("ExecutorLostFailure", ""));
        assertThat(never.updates()).isZero();
        assertThat(never.metrics()).isEmpty();
    }

    @Test
    void valuesBeyondWhatRewardsAllowAndClampedWeightsAreWarnedOfOnce() {
        var warnings = new ArrayList<String>();
        var spec = spec(
                SMALL
                        + ", discount = 0.5, critic.learning-rate = 5, expectile = 0.02, temperature = 1e-6, max-weight = 1.5",
                100);
        var result = TrainingLoop.run(spec, data(), store("s"), new TrainingLoop.Listener() {
            @Override
            public void warning(long step, String text) {
                warnings.add(text);
            }
        });
        assertThat(warnings).hasSize(2);
        assertThat(warnings).anyMatch(text -> text.contains("Q(s,a) lie outside"));
        assertThat(warnings).anyMatch(text -> text.contains("advantage weights are clamped"));
        assertThat(result.metrics())
                .extracting(Metric::name)
                .contains("advantage/p10", "advantage/p50", "advantage/p90", "policy/entropy", "log-probability/mean");
    }

    @Test
    void theIdDependsOnWhatDecidesTheOutcomeAndOnNothingElse() {
        var spec = spec(SMALL, 40);
        assertThat(spec.id())
                .startsWith("iql-all-s7-")
                .isEqualTo(RunSpec.fromJson(spec.toJson()).id());
        assertThat(spec(SMALL, 41).id()).isNotEqualTo(spec.id());
        assertThat(spec(SMALL + ", expectile = 0.8", 40).id()).isNotEqualTo(spec.id());
    }

    @Test
    void aHalfWrittenCheckpointIsNeverTheLatest() throws IOException {
        var spec = spec(SMALL, 20);
        TrainingLoop.run(spec, data(), store("s"), quiet());
        var half = folder.resolve("s").resolve(CheckpointStore.location(spec.id(), 30));
        Files.createDirectories(half);
        Files.write(half.resolve("state.safetensors"), new byte[100]);
        assertThat(store("s").latest(spec.id()).orElseThrow().step()).isEqualTo(20);
    }

    @Test
    void aDamagedCheckpointIsRefusedInWords() throws IOException {
        var spec = spec(SMALL, 20);
        TrainingLoop.run(spec, data(), store("s"), quiet());
        var file = folder.resolve("s")
                .resolve(CheckpointStore.location(spec.id(), 20))
                .resolve("state.safetensors");
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> store("s").latest(spec.id()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("state.safetensors is damaged");
    }

    @Test
    void rowsMadeReadyInAnotherWayMakeAnotherRunWithWhichACheckpointDoesNotGoOn() throws IOException {
        var plain = spec(SMALL, 20);
        var scaler = new Scaler(List.of(0.5, 0.1), List.of(1.0, 2.0), 1e-3);
        var scaled = with(plain, new Transformation.Standardise(scaler));
        assertThat(plain.toJson()).doesNotContain("transformations").doesNotContain("timeDiscount");
        assertThat(scaled.toJson())
                .contains(
                        "{\"standardise-observations\":{\"scaler\":{\"epsilon\":0.001,\"mean\":[0.5,0.1],\"std\":[1.0,2.0]}}}");
        assertThat(RunSpec.fromJson(scaled.toJson()).transformations()).isEqualTo(scaled.transformations());
        assertThat(scaled.id()).isNotEqualTo(plain.id());

        TrainingLoop.run(plain, data(), store("s"), quiet());
        Files.move(folder.resolve("s").resolve(plain.id()), folder.resolve("s").resolve(scaled.id()));
        assertThat(store("s").damage(scaled.id(), 20))
                .hasValueSatisfying(text ->
                        assertThat(text).endsWith(": what is there is of run " + plain.id() + " after 20 updates"));
        assertThat(TrainingLoop.run(scaled, data(), store("s"), quiet()).outcome())
                .isInstanceOf(Outcome.Finished.class);
        TrainingLoop.run(scaled, data(), store("fresh"), quiet());
        assertThat(bytes("s", scaled, 20)).isEqualTo(bytes("fresh", scaled, 20));
    }

    /** One row an update. */
    private static RunSpec tabular() {
        var config = LearnerConfig.read("tabular-q", ConfigFactory.empty(), "test");
        return new RunSpec(
                "name",
                "all",
                "fingerprint",
                "tabular-q",
                Settings.toMap((Record) config),
                7,
                12,
                1,
                1,
                2,
                4,
                false,
                List.of(),
                false,
                null);
    }

    private static RunSpec with(RunSpec spec, Transformation transformation) {
        return new RunSpec(
                spec.name(),
                spec.subset(),
                spec.subsetFingerprint(),
                spec.learner(),
                spec.settings(),
                spec.seed(),
                spec.updates(),
                spec.batchSize(),
                spec.nStep(),
                spec.logEvery(),
                spec.checkpointEvery(),
                spec.truncationIsTerminal(),
                List.of(transformation),
                false,
                null);
    }

    private static RunSpec warm(RunSpec spec, CheckpointRef warmStart) {
        return new RunSpec(
                spec.name(),
                spec.subset(),
                spec.subsetFingerprint(),
                spec.learner(),
                spec.settings(),
                spec.seed(),
                spec.updates(),
                spec.batchSize(),
                spec.nStep(),
                spec.logEvery(),
                spec.checkpointEvery(),
                spec.truncationIsTerminal(),
                spec.transformations(),
                spec.timeDiscount(),
                warmStart);
    }

    private static RunSpec spec(String settings, long updates) {
        var config = LearnerConfig.read("iql", ConfigFactory.parseString(settings), "test");
        return new RunSpec(
                "name",
                "all",
                "fingerprint",
                "iql",
                Settings.toMap((Record) config),
                7,
                updates,
                16,
                1,
                5,
                10,
                false,
                List.of(),
                false,
                null);
    }

    private static ReplayBuffer data() {
        var data = new ReplayBuffer(new Spaces(2, new ActionSpace.Discrete(3)), 50);
        var random = new Seeds(3).generator("test data", 0);
        for (var i = 0; i < 50; i++) {
            data.append(
                    new float[] {random.nextFloat(), random.nextFloat()},
                    new Action.Index(random.nextInt(3)),
                    -1,
                    new float[] {random.nextFloat(), random.nextFloat()},
                    i % 10 == 9 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP);
        }
        return data;
    }

    private CheckpointStore store(String name) {
        return new CheckpointStore(folder.resolve(name).toString(), new Configuration());
    }

    private byte[] bytes(String store, RunSpec spec, long step) throws IOException {
        return bytes(store, spec, step, "state.safetensors");
    }

    private byte[] bytes(String store, RunSpec spec, long step, String part) throws IOException {
        return Files.readAllBytes(folder.resolve(store)
                .resolve(CheckpointStore.location(spec.id(), step))
                .resolve(part));
    }

    private static TrainingLoop.Listener quiet() {
        return stopAt(Long.MAX_VALUE);
    }

    private static TrainingLoop.Listener stopAt(long update) {
        return new TrainingLoop.Listener() {
            private long polls;

            @Override
            public void progress(long step, double updatesPerSecond, double loss) {
                assertThat(step).isPositive();
            }

            @Override
            public @Nullable String stopReason() {
                return polls++ == update ? "stopped" : null;
            }
        };
    }
}
