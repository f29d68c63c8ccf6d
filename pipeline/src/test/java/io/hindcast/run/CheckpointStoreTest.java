package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.Sha256;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.FailingFileSystem.Fault;
import io.hindcast.files.LaggingStore;
import io.hindcast.files.LaggingStore.Lag;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.run.Checkpoint.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CheckpointStoreTest {
    private static final Spaces SPACES = new Spaces(3, new ActionSpace.Continuous(2, -0.5, 2));

    @TempDir
    Path folder;

    @AfterEach
    void heal() {
        FailingFileSystem.failAt(0, Fault.BEFORE);
        LaggingStore.thaw();
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        store().write(checkpoint(20));
        var read = store().read(spec().id(), 20);
        assertThat(read.spec().toJson()).isEqualTo(spec().toJson());
        assertThat(read.spaces()).isEqualTo(SPACES);
        assertThat(read.counters()).isEqualTo(Map.of("actor", 20L));
        assertThat(read.metrics()).isEqualTo(checkpoint(20).metrics());
        assertThat(read.seconds()).isEqualTo(2);
        assertThat(read.tensors().keySet()).containsExactly("a", "b");
        assertThat(read.tensors().get("b").values()).containsExactly(20, 1, 2, 3);
    }

    /** Killed at every change, before it, in its middle and behind it: nobody sees a part, and the next attempt ends well. */
    @ParameterizedTest
    @EnumSource
    void aWriterThatIsKilledLeavesTheOldOrTheNewAndTheNextOneGoesOn(Fault fault) throws IOException {
        var expected = new TreeMap<String, String>();
        for (var change = 1; ; change++) {
            var name = fault + "-" + change;
            var failing = new CheckpointStore("failing://" + folder.resolve(name), FailingFileSystem.configuration());
            FailingFileSystem.failAt(0, fault);
            failing.write(checkpoint(10));
            FailingFileSystem.failAt(change, fault);
            var killed = false;
            try {
                failing.write(checkpoint(20));
            } catch (UncheckedIOException e) {
                killed = true;
                assertThat(e.getMessage()).startsWith("Cannot write checkpoint ");
            }
            FailingFileSystem.failAt(0, fault);

            var seen = failing.resume(spec().id(), text -> {}).orElseThrow();
            assertThat(seen.checkpoint().step()).isIn(10L, 20L);
            assertThat(seen.checkpoint().tensors().get("b").values()[0])
                    .isEqualTo((float) seen.checkpoint().step());
            failing.write(checkpoint(20));
            assertThat(failing.read(spec().id(), 20).metrics()).hasSize(1);
            assertThat(failing.metrics(spec().id(), 20)).hasSize(2);
            var contents = contents(folder.resolve(name));
            if (expected.isEmpty()) {
                expected.putAll(contents);
            }
            assertThat(contents).isEqualTo(expected);
            if (!killed) {
                assertThat(change).isGreaterThan(8);
                return;
            }
        }
    }

    @Test
    void checkpointsThatAListingDoesNotShowYetAreFoundByTheirNames() throws IOException {
        var store = new CheckpointStore("lagging://" + folder, FailingFileSystem.configuration());
        LaggingStore.freeze(folder, List.of(Lag.CREATED));
        for (var step : List.of(0L, 10L, 20L)) {
            store.write(checkpoint(step));
        }
        assertThat(store.steps(spec().id())).containsExactly(0L, 10L, 20L);

        LaggingStore.freeze(folder, List.of(Lag.CREATED));
        // One off schedule has no name that could be known.
        for (var step : List.of(30L, 35L, 40L)) {
            store.write(checkpoint(step));
        }
        assertThat(store.steps(spec().id())).containsExactly(0L, 10L, 20L, 30L, 40L);
        var resumed = store.resume(spec().id(), text -> {}).orElseThrow();
        assertThat(resumed.checkpoint().step()).isEqualTo(40);
        assertThat(resumed.logged()).extracting(Metric::step).containsExactly(0L, 10L, 20L, 30L);
    }

    /** Flipped bits and cuts in every file that counts. */
    @Test
    void ofTwoHundredDamagedCheckpointsEveryOneIsRefused() throws IOException {
        var refused = 0;
        for (var seed = 0; seed < 200; seed++) {
            var random = new SplittableRandom(seed);
            var store = new CheckpointStore(folder.resolve("s" + seed).toString(), new Configuration());
            store.write(checkpoint(10));
            store.write(checkpoint(20));
            var target = folder.resolve("s" + seed)
                    .resolve(CheckpointStore.location(spec().id(), 20))
                    .resolve(List.of("state.safetensors", "metrics.jsonl", "checkpoint.json")
                            .get(random.nextInt(3)));
            damage(target, random);
            assertThatThrownBy(() -> store.read(spec().id(), 20))
                    .as("seed %d, %s", seed, target.getFileName())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Cannot read checkpoint ")
                    .hasMessageContaining(target.getFileName() + " is damaged");
            refused++;

            var passedOver = new ArrayList<String>();
            var resumed = store.resume(spec().id(), passedOver::add).orElseThrow();
            assertThat(resumed.checkpoint().step()).isEqualTo(10);
            assertThat(passedOver).hasSize(1);
            store.write(checkpoint(20));
            assertThat(store.read(spec().id(), 20).step()).isEqualTo(20);
        }
        assertThat(refused).isEqualTo(200);
    }

    @Test
    void damagedMetricsAreNoGoodToGoOnBehind() throws IOException {
        for (var step : List.of(10L, 20L, 30L)) {
            store().write(checkpoint(step));
        }
        damage(
                folder.resolve(CheckpointStore.location(spec().id(), 20)).resolve("metrics.jsonl"),
                new SplittableRandom(1));
        assertThat(store().resume(spec().id(), text -> {})
                        .orElseThrow()
                        .checkpoint()
                        .step())
                .isEqualTo(10);
    }

    @Test
    void manyWritersOfOneCheckpointLeaveItWhole() throws Exception {
        var threads = Executors.newFixedThreadPool(5);
        try {
            for (var step = 10L; step <= 100; step += 10) {
                var checkpoint = checkpoint(step);
                Callable<Boolean> write = () -> {
                    store().write(checkpoint);
                    return true;
                };
                for (var done : threads.invokeAll(List.of(write, write, write, write, write))) {
                    assertThat(done.get()).isTrue();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(store().metrics(spec().id(), 100)).hasSize(10);
        assertThat(store().latest(spec().id()).orElseThrow().step()).isEqualTo(100);
        assertThat(contents(folder).keySet()).noneMatch(name -> name.contains(".tmp-"));
    }

    @Test
    void ofThinnedCheckpointsTheMetricsStay() throws IOException {
        for (var step : List.of(0L, 10L, 20L, 25L, 30L, 40L)) {
            store().write(checkpoint(step));
        }
        var retention = new Retention(2, 3);
        for (var step : store().steps(spec().id())) {
            if (!retention.keeps(spec(), step, 40, OptionalLong.of(10))) {
                store().thin(spec(), step);
            }
        }
        // 0 and 30 are each a third one, 30 and 40 the last two, 10 is the best, 25 was off schedule.
        assertThat(store().steps(spec().id())).containsExactly(0L, 10L, 30L, 40L);
        assertThat(store().metrics(spec().id(), 40)).extracting(Metric::step).containsExactly(0L, 10L, 20L, 30L, 40L);
        assertThat(folder.resolve(CheckpointStore.location(spec().id(), 25))).doesNotExist();
    }

    private static void damage(Path file, SplittableRandom random) throws IOException {
        var bytes = Files.readAllBytes(file);
        if (random.nextInt(4) == 0) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
        } else {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, bytes);
    }

    /** Every file but those that are never the same, by its path. */
    private static Map<String, String> contents(Path root) throws IOException {
        var contents = new TreeMap<String, String>();
        try (var files = Files.walk(root)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = root.relativize(file).toString();
                if (!file.getFileName().toString().startsWith(".")) {
                    contents.put(name, Sha256.of(Files.readAllBytes(file)));
                }
            }
        }
        return contents;
    }

    private CheckpointStore store() {
        return new CheckpointStore(folder.toString(), new Configuration());
    }

    private static RunSpec spec() {
        var config = LearnerConfig.read("iql", ConfigFactory.empty(), "test");
        return new RunSpec(
                "",
                "all",
                "fingerprint",
                "iql",
                Settings.toMap((Record) config),
                7,
                100,
                16,
                1,
                5,
                10,
                false,
                List.of(),
                false,
                null);
    }

    private static Checkpoint checkpoint(long step) {
        var tensors = new TreeMap<String, Tensor>();
        tensors.put("a", new Tensor(List.of(1), new float[] {5}, 0));
        tensors.put("b", new Tensor(List.of(2, 2), new float[] {9, step, 1, 2, 3}, 1));
        return new Checkpoint(
                spec(),
                SPACES,
                step,
                tensors,
                Map.of("actor", step),
                List.of(new Metric(step, "critic/loss", 0.1 * step)),
                0.1 * step);
    }
}
