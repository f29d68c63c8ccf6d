package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.Address;
import io.hindcast.config.UserException;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.LaggingStore;
import io.hindcast.files.LaggingStore.Lag;
import io.hindcast.promote.Candidate;
import io.hindcast.promote.Evidence;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.promote.Verdict;
import io.hindcast.promote.Weighed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who acted when, as it is kept. */
class RegistryTest {
    private static final Candidate CANDIDATE = new Candidate(
            "iql-1", "run", 100, "aa", null, List.of(new Evidence("wis", 10, 0.5, 0.4, 0.6, 0.1, 0.02, 0.0, null)));

    @TempDir
    Path directory;

    @AfterEach
    void thaw() {
        LaggingStore.thaw();
    }

    @Test
    void anEmptyOneHasNoChampion() {
        assertThat(registry().state().champion()).isEmpty();
        assertThat(registry().state().promotions()).isEmpty();
    }

    @Test
    void theLastRowSaysWhoActsAndNothingIsForgotten() {
        promote("aa");
        promote("bb");
        registry().append(now -> new Registry.Entry(promotion(now, 1, Verdict.PROMOTED, "back"), null));

        var state = registry().state();
        assertThat(state.champion()).map(PolicyVersion::sha256).hasValue("aa");
        assertThat(state.promotions()).extracting(Promotion::number).containsExactly(1, 2, 3);
        assertThat(state.promotions()).extracting(Promotion::to).containsExactly(1, 2, 1);
        assertThat(state.promotions()).extracting(Promotion::from).containsExactly(null, 1, 2);
        assertThat(state.versions()).extracting(PolicyVersion::sha256).containsExactly("aa", "bb");
    }

    @Test
    void everyNumberOfADecisionComesBackAsItWasWritten() {
        promote("aa");

        var state = registry().state();
        var promotion = state.promotions().get(0);
        assertThat(promotion).isEqualTo(promotion(new Registry.State(List.of(), List.of()), 1, Verdict.PROMOTED, "aa"));
        assertThat(state.versions()).containsExactly(version(1, "aa"));
    }

    @Test
    void ofManyPromotersAtOnceEachAddsARowToWhatItSaw() throws Exception {
        var barrier = new CyclicBarrier(4);
        var writers = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    await(barrier);
                    promote("sha-" + i);
                }))
                .toList();
        for (var writer : writers) {
            writer.get();
        }

        var state = registry().state();
        assertThat(state.promotions()).extracting(Promotion::number).containsExactly(1, 2, 3, 4);
        assertThat(state.promotions()).extracting(Promotion::to).containsExactly(1, 2, 3, 4);
        assertThat(state.promotions()).extracting(Promotion::from).containsExactly(null, 1, 2, 3);
        assertThat(state.versions())
                .extracting(PolicyVersion::sha256)
                .containsExactlyInAnyOrder("sha-0", "sha-1", "sha-2", "sha-3");
    }

    @Test
    void whoWasOvertakenDecidesAgainByTheNewChampion() {
        promote("aa");
        var seen = new ArrayList<@Nullable Integer>();

        assertThatThrownBy(() -> registry().append(now -> {
                    seen.add(now.champion().orElseThrow().number());
                    if (seen.size() == 1) {
                        promote("bb"); // another one is faster
                    } else {
                        throw new UserException("v1 does not act any more");
                    }
                    return new Registry.Entry(promotion(now, 2, Verdict.PROMOTED, "cc"), version(2, "cc"));
                }))
                .hasMessage("v1 does not act any more");

        assertThat(seen).containsExactly(1, 2);
        assertThat(registry().state().versions())
                .extracting(PolicyVersion::sha256)
                .containsExactly("aa", "bb");
    }

    @Test
    void estimatesAreAboutWhomTheyWereComparedWith() {
        promote("aa");
        promote("bb");

        assertThat(registry().state().before("estimates of bb").champion())
                .map(PolicyVersion::sha256)
                .hasValue("aa");
        assertThat(registry().state().before("others").champion())
                .map(PolicyVersion::sha256)
                .hasValue("bb");
    }

    @Test
    void foldersAreKeptWithTheirHashesAndADamagedCopyIsMended() throws IOException {
        var out = Files.createDirectories(directory.resolve("out/checkpoints/run"));
        Files.writeString(out.resolve("state"), "learned");
        var folders = Map.of("checkpoints/run", List.of(out.resolve("state").toString()));

        var kept = registry().keep(folders);

        assertThat(kept).containsOnlyKeys("checkpoints/run/state");
        assertThat(kept.values()).extracting(PolicyVersion.KeptFile::bytes).containsExactly(7L);
        var copy = directory.resolve("registry/shop/checkpoints/run/state");
        assertThat(copy).hasContent("learned");
        Files.writeString(copy, "lost");
        assertThat(registry().keep(folders)).isEqualTo(kept);
        assertThat(copy).hasContent("learned");
    }

    @Test
    void whatAVersionIsKeptByIsNotReplacedByAnotherPolicyOfTheSameRun() throws IOException {
        var run = Files.createDirectories(directory.resolve("one"));
        Files.writeString(run.resolve("state.bin"), "acted");
        var place = Registry.checkpoint("run", 5);
        var kept =
                registry().keep(Map.of(place, List.of(run.resolve("state.bin").toString())));
        registry().append(now -> {
            var known = version(1, "aa");
            return new Registry.Entry(
                    promotion(now, 1, Verdict.PROMOTED, "aa"),
                    new PolicyVersion(
                            1,
                            known.time(),
                            known.run(),
                            known.name(),
                            known.seed(),
                            known.step(),
                            known.learner(),
                            known.sha256(),
                            place,
                            kept,
                            known.out(),
                            known.dataset(),
                            known.datasetFingerprint(),
                            known.subset(),
                            known.configuration(),
                            known.candidate()));
        });

        Files.writeString(run.resolve("state.bin"), "other");
        assertThatThrownBy(() -> registry()
                        .keep(Map.of(place, List.of(run.resolve("state.bin").toString()))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a version has another policy in " + place);
        assertThat(Path.of(registry().root(), place, "state.bin")).hasContent("acted");
    }

    @Test
    void whoActsIsKnownAndNothingIsRemovedThatCountsWhileListingsLag() throws IOException {
        var registry = registry("lagging://" + directory);
        promote(registry, "aa");
        for (var lag : List.of(Lag.CREATED, Lag.REMOVED)) {
            LaggingStore.freeze(directory, List.of(lag));
            promote(registry, "bb " + lag);
            promote(registry, "cc " + lag);
            assertThat(registry.state().champion()).map(PolicyVersion::sha256).hasValue("cc " + lag);
            LaggingStore.thaw();
        }
        assertThat(registry.state().versions())
                .extracting(PolicyVersion::sha256)
                .containsExactly("aa", "bb CREATED", "cc CREATED", "bb REMOVED", "cc REMOVED");
        for (var table : List.of("promotions", "versions")) {
            try (var there = Files.list(directory.resolve("registry/shop").resolve(table))) {
                assertThat(there.map(version -> version.getFileName().toString()))
                        .contains("v1", "v2", "v3", "v4", "v5");
            }
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void promote(String sha256) {
        promote(registry(), sha256);
    }

    private static void promote(Registry registry, String sha256) {
        registry.append(now -> {
            var number = now.versions().size() + 1;
            return new Registry.Entry(promotion(now, number, Verdict.PROMOTED, sha256), version(number, sha256));
        });
    }

    private Registry registry() {
        return registry(directory.toString());
    }

    private static Registry registry(String root) {
        var spark = new SparkConf().set("spark.master", "local[1]");
        FailingFileSystem.configuration()
                .getPropsWithPrefix("fs.")
                .forEach((key, value) -> spark.set("spark.hadoop.fs." + key, value));
        var engine = SparkOnDemand.of(spark, () -> {
            throw new AssertionError("a registry needs no Spark");
        });
        return new Registry(engine, new RegistryConfig(new Address(root + "/registry"), "shop"));
    }

    private static PolicyVersion version(int number, String sha256) {
        return new PolicyVersion(
                number,
                "2026-11-30T00:00:00Z",
                "run-" + sha256,
                "iql",
                1,
                100,
                "iql",
                sha256,
                "checkpoints/run/step",
                Map.of("checkpoints/run/step/state", new PolicyVersion.KeptFile(3, "cc")),
                "file:/out",
                2,
                "dd",
                "train",
                "{}",
                CANDIDATE);
    }

    private static Promotion promotion(Registry.State now, int to, Verdict verdict, String asked) {
        var bounds = new ArrayList<@Nullable Double>();
        bounds.add(0.07);
        bounds.add(null);
        return new Promotion(
                now.promotions().size() + 1,
                "2026-11-30T00:00:00Z",
                Promotion.CHAMPION,
                now.champion().map(PolicyVersion::number).orElse(null),
                to,
                verdict,
                "it is better",
                "estimates",
                0.01,
                0.95,
                List.of("wis", "is"),
                List.of(new Weighed(CANDIDATE, verdict, "it is better", bounds)),
                new Promotion.Promise("wis", 0.5, 0.4, 0.6),
                "nightly",
                "file:/out",
                "estimates of " + asked,
                "dataset",
                asked);
    }
}
