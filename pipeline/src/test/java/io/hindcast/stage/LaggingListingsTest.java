package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.Sha256;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.LaggingStore;
import io.hindcast.files.LaggingStore.Lag;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.report.ReportConfig;
import io.hindcast.stage.report.ReportStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on an object store whose listings lag behind: what one job wrote the next one reads. */
class LaggingListingsTest {
    private static final EnvironmentSpec EASY = new EnvironmentSpec("pointmass-easy");

    @TempDir
    Path folder;

    @BeforeAll
    static void know() {
        FailingFileSystem.configuration()
                .getPropsWithPrefix("fs.")
                .forEach((key, value) -> LocalSpark.session()
                        .sparkContext()
                        .hadoopConfiguration()
                        .set("fs." + key, value));
    }

    @AfterEach
    void thaw() {
        LaggingStore.thaw();
    }

    @Test
    void jobsThatSeeNothingOfEachOtherInListingsComeToWhatTheyComeToOnADisk() throws IOException {
        var onDisk = results("", folder.resolve("disk"));

        LaggingStore.freeze(folder, EnumSet.allOf(Lag.class));
        assertThat(results("lagging://", folder.resolve("store"))).isEqualTo(onDisk);
        // The same again is no work, and nothing is written twice.
        assertThat(results("lagging://", folder.resolve("store"))).isEqualTo(onDisk);

        LaggingStore.thaw();
        assertThat(results("lagging://", folder.resolve("store"))).isEqualTo(onDisk);
    }

    /** Versions and fingerprints of tables, and hashes of checkpoints and policies. */
    private static Map<String, String> results(String scheme, Path out) throws IOException {
        var warehouse = new Warehouse(LocalSpark.session(), scheme + out);
        var context = new StageContext(LocalSpark.session(), warehouse, said -> {});
        CollectStage.run(
                context, EASY, Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), ""));
        CurateStage.run(context, Settings.defaults(CurateConfig.class));
        TrainStage.run(
                context,
                EASY,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString("""
                                updates = 30, batch-size = 8, log-every = 10, checkpoint-every = 10
                                runs.bc { learner = behaviour-cloning, settings { actor.hidden-layers = [8] } }
                                """), "train"));
        EvaluateStage.run(
                context, EASY, Settings.read(EvaluateConfig.class, ConfigFactory.parseString("episodes = 2"), ""));
        ReportStage.run(context, Settings.defaults(ReportConfig.class));

        var results = new TreeMap<String, String>();
        for (var table : List.of(
                TableName.TRANSITIONS,
                TableName.EPISODES,
                TableName.SUBSETS,
                TableName.METRICS,
                TableName.EVALUATIONS)) {
            var version = warehouse.require(table);
            results.put(version.toString(), version.manifest().fingerprint());
        }
        results.put(warehouse.require(TableName.RUNS).toString(), "has seconds");
        for (var of : List.of("checkpoints", "policies")) {
            try (var files = Files.walk(out.resolve(of))) {
                for (var file : files.filter(Files::isRegularFile)
                        .filter(file -> !file.endsWith("timing.json"))
                        .toList()) {
                    results.put(out.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
                }
            }
        }
        return results;
    }
}
