package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link KilledPromoteTest} where the output directory and the registry are in a bucket of an S3 server: a promotion is killed with
 * SIGKILL just before one of its requests that change something is answered.
 */
class ObjectStorePromoteTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shop;

    private static ObjectStoreServer store;
    private static StoreVictims victims;

    @TempDir
    Path directory;

    @BeforeAll
    static void startStore() throws Exception {
        store = new ObjectStoreServer();
        store.settings().forEach(setting -> {
            var parts = setting.split("=", 2);
            System.setProperty(parts[0], parts[1]);
        });
        KilledPromoteTest.learnAndJudge(shop);
        store.store(shop.resolve("out"), "archived/out");
        victims = StoreVictims.of(store, List.of(), shop, arguments("archived"));
    }

    @AfterAll
    static void stopStore() throws Exception {
        store.settings().forEach(setting -> System.clearProperty(setting.split("=", 2)[0]));
        store.close();
    }

    // While a policy is copied, while tables are written, and before the decision is shown; see everyChange.
    @Tag("faults")
    @ParameterizedTest
    @ValueSource(ints = {6, 16, 24})
    void aKilledPromotionHasTheOldChampionOrTheNewOne(int change) throws Exception {
        assertThat(isKilledBefore(change)).isTrue();
    }

    /** The same before every change, or every seventh on a day of the week; takes minutes. */
    @Tag("slow")
    @Test
    void everyChange() throws Exception {
        var last = Part.firstThatIsNot(change -> isKilledBefore(change));
        assertThat(last).isGreaterThan(25);
    }

    /** Whether there is such a change; what it leaves is looked at. */
    private boolean isKilledBefore(int change) throws Exception {
        var root = "promote-" + change;
        store.store(shop.resolve("out"), root + "/out");
        if (!victims.isKilledBefore(change, arguments(root))) {
            return false;
        }
        store.fetch(root, directory.resolve(root + "-killed"));
        ObjectStoreTest.published(new TrainingFolder(directory.resolve(root + "-killed")));

        TrainingFolder.run(arguments(root));

        store.fetch(root, directory.resolve(root));
        var fetched = new TrainingFolder(directory.resolve(root));
        ObjectStoreTest.published(fetched);
        var decision = JSON.readTree(
                fetched.path().resolve("out/promote/decision.json").toFile());
        assertThat(decision.get("verdict").asText())
                .as("after change %d", change)
                .isEqualTo("promoted");
        assertThat(decision.get("history")).as("after change %d", change).hasSize(1);
        assertThat(decision.at("/champion_after/number").asInt()).isEqualTo(1);
        var files = decision.at("/champion_after/files");
        KilledPromoteTest.assertKept(files, fetched.path().resolve("registry/shop"));
        assertWholeIfItActed(directory.resolve(root + "-killed/registry/shop"), files);
        assertThat(litter(fetched.path())).as("after change %d", change).isEmpty();
        return true;
    }

    /** Whoever acted by what the killed job left had all its files. */
    private static void assertWholeIfItActed(Path registry, JsonNode files) throws IOException {
        if (Files.exists(registry.resolve("promotions/v1/_manifest.json"))) {
            assertThat(registry.resolve("versions/v1/_manifest.json")).exists();
            KilledPromoteTest.assertKept(files, registry);
        }
    }

    private static List<Path> litter(Path tree) throws IOException {
        try (var all = Files.walk(tree)) {
            return all.filter(path -> path.getFileName().toString().matches("\\.(tmp|lease)-.*"))
                    .toList();
        }
    }

    private static String[] arguments(String root) {
        return KilledPromoteTest.arguments(shop, "promote", store.path(root), "out");
    }
}
