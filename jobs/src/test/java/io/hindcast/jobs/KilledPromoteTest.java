package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A promotion is killed with SIGKILL just before one of its changes to the output directory or the registry. Afterwards the old champion
 * acts or the new one, and the next run ends as if nothing had happened: one decision, whole.
 */
class KilledPromoteTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shop;

    private static ClassArchive archive;

    @TempDir
    Path directory;

    @BeforeAll
    static void aShopLearnsAndJudges() throws Exception {
        learnAndJudge(shop);
        archive = ClassArchive.of(HindcastProcess.classPath(), shop);
        KilledDriverTest.copy(shop.resolve("out"), shop.resolve("archived"));
        var process = KilledDriverTest.start(archive, archive.making(), 0, arguments("stop://" + shop, "archived"));
        assertThat(KilledDriverTest.awaitStandstill(process)).last().asString().contains("ends after");
        assertThat(process.waitFor()).isZero();
        KilledDriverTest.remove(shop.resolve("registry"));
    }

    /**
     * Makes a log, {@code shop.conf}, and in {@code out} a policy that learned from one half of the log, and what the other half says of
     * it.
     */
    static void learnAndJudge(Path shop) throws IOException {
        var random = new SplittableRandom(1);
        var log = new StringBuilder("a,b,banner,click,p\n");
        for (var i = 0; i < 2000; i++) {
            var kind = random.nextInt(2);
            var banner = random.nextInt(2);
            var click = random.nextDouble() < (kind == banner ? 0.8 : 0.1) ? 1 : 0;
            log.append(kind)
                    .append(',')
                    .append(1 - kind)
                    .append(',')
                    .append(banner)
                    .append(',')
                    .append(click)
                    .append(",0.5\n");
        }
        Files.writeString(shop.resolve("log.csv"), log);
        Files.writeString(shop.resolve("shop.conf"), """
                stages = [ingest, curate, train, judge]
                ingest {
                  format = csv, dataset = shop, input = ["%s"], episode-per = row
                  action-space { type = discrete, count = 2 }
                  columns { observation = [a, b], action-index = banner, reward = click, propensity = p }
                }
                curate.subsets {
                  train.steps = [{ split { part = train, train = 0.5, validation = 0, test = 0.5 } }]
                  test.steps = [{ split { part = test, train = 0.5, validation = 0, test = 0.5 } }]
                }
                train {
                  seeds = [1], updates = 200, batch-size = 64, checkpoint-every = 200
                  runs.iql { learner = iql, subset = train, settings {
                    expectile = 0.5
                    actor { hidden-layers = [8], learning-rate = 0.01 }
                    critic { hidden-layers = [8], learning-rate = 0.01 }
                    value { hidden-layers = [8], learning-rate = 0.01 } } }
                }
                judge { subset = test, actions = sampled, epsilon = 0.1, replicates = 0 }
                """.formatted(shop.resolve("log.csv")));
        TrainingFolder.run(arguments(shop, "pipeline", shop.toString(), "out"));
    }

    // While a policy is copied, while tables are written, and before the decision is shown; see everyChange.
    @ParameterizedTest
    @ValueSource(ints = {14, 30, 44})
    void aKilledPromotionHasTheOldChampionOrTheNewOne(int change) throws Exception {
        assertThat(isKilledBefore(change)).isTrue();
    }

    /** The same before every change, or every seventh on a day of the week; takes a minute. */
    @Tag("slow")
    @Test
    void everyChange() throws Exception {
        var last = Part.firstThatIsNot(change -> isKilledBefore(change));
        assertThat(last).isGreaterThan(25);
    }

    /** Whether there is such a change; what it leaves is looked at. */
    private boolean isKilledBefore(int change) throws Exception {
        KilledDriverTest.remove(directory.resolve("out"));
        KilledDriverTest.remove(directory.resolve("registry"));
        KilledDriverTest.copy(shop.resolve("out"), directory.resolve("out"));
        var process = KilledDriverTest.start(archive, archive.using(), change, arguments("stop://" + directory, "out"));
        List<String> lines;
        try {
            lines = KilledDriverTest.awaitStandstill(process);
        } finally {
            process.destroyForcibly().waitFor();
        }
        var isKilled = lines.stream().anyMatch(line -> line.startsWith(StoppingFileSystem.STANDS_STILL));
        if (isKilled) {
            assertThat(lines).last().isEqualTo(StoppingFileSystem.STANDS_STILL + change);
        }

        assertThat(TrainingFolder.exitCode(arguments(directory.toString(), "out")))
                .as("after change %d", change)
                .isZero();

        var decision =
                JSON.readTree(directory.resolve("out/promote/decision.json").toFile());
        assertThat(decision.get("verdict").asText())
                .as("after change %d", change)
                .isEqualTo("promoted");
        assertThat(decision.get("history")).as("after change %d", change).hasSize(1);
        assertThat(decision.at("/champion_after/number").asInt()).isEqualTo(1);
        assertKept(decision.at("/champion_after/files"));
        assertThat(litter()).as("after change %d", change).isEmpty();
        return isKilled;
    }

    private void assertKept(JsonNode files) throws IOException {
        assertKept(files, directory.resolve("registry/shop"));
    }

    /** That the files of a promoted policy are in its registry. */
    static void assertKept(JsonNode files, Path registry) throws IOException {
        assertThat(files.size()).isGreaterThan(3);
        for (var file : files.properties()) {
            assertThat(Files.size(registry.resolve(file.getKey())))
                    .isEqualTo(file.getValue().get("bytes").asLong());
        }
    }

    private List<Path> litter() throws IOException {
        var all = new ArrayList<Path>();
        for (var tree : List.of("out", "registry")) {
            try (var paths = Files.walk(directory.resolve(tree))) {
                paths.filter(path -> path.getFileName().toString().startsWith(".tmp-"))
                        .forEach(all::add);
            }
        }
        return all;
    }

    private static String[] arguments(String root, String out) {
        return arguments(shop, "promote", root, out);
    }

    /** A job's, of the shop that {@link #learnAndJudge} made; the registry and the output directory are below {@code root}. */
    static String[] arguments(Path shop, String job, String root, String out) {
        return new String[] {
            job,
            "--conf",
            shop.resolve("shop.conf").toString(),
            "--set",
            "registry.directory=" + root + "/registry",
            "--set",
            "registry.name=shop",
            "--out",
            root + "/" + out
        };
    }
}
