package io.hindcast.stage.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.SampleTransitions;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.DatasetStatsTable;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatsStageTest {
    private static final Map<String, Object> CONFIGURATION =
            Map.of("action-space", Map.of("type", "continuous", "dimension", 1, "low", -1, "high", 1));

    private final List<String> said = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void inAnEmptyDirectory(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void everyQuantityHasARowAndThePageSaysTheSame() throws IOException {
        var context = context("a");
        publish(context, Optional.empty(), 0, 3);
        var result = stats(context, "");

        // Episodes of 4 steps along a line, the first step earns the episode's number.
        assertThat(result.summary()).startsWith("dataset_stats v1: 12 transitions, 3 episodes, ");
        assertThat(result.problems()).isEmpty();
        assertThat(row(context, "episode_return").getAs("mean").toString()).isEqualTo("1.0");
        assertThat(row(context, "observation").getAs("q75").toString()).isEqualTo("2.0");
        assertThat(row(context, "episode_is_terminated").getAs("mean").toString())
                .isEqualTo("1.0");
        assertThat(row(context, "episode_length").getAs("count").toString()).isEqualTo("3");
        assertThat(row(context, "action").isNullAt(row(context, "action").fieldIndex("same_as")))
                .isTrue();
        var page = Files.readString(directory.resolve("a/stats/scorecard.html"));
        assertThat(page).contains("12 transitions in 3 episodes; observations of 1 number, actions of 1 number.");
        assertThat(said)
                .contains("[stats] 12 transitions in 3 episodes; observations of 1 number, actions of 1 number.");
        assertThat(page).doesNotContain("<script", "http://", "https://");
    }

    @Test
    void aRequiredCheckThatFailsIsAProblemEveryTime() {
        var context = context("a");
        publish(context, Optional.empty(), 0, 3);
        var result = stats(context, "checks.require = [enough-transitions]");

        assertThat(result.problems())
                .containsExactly(
                        "check enough-transitions failed: There are only 12 transitions, fewer than 1000. Expect"
                                + " policies that depend on the seed.");
        assertThat(Files.exists(directory.resolve("a/stats/scorecard.html"))).isTrue();
        var again = stats(context, "checks.require = [enough-transitions]");
        assertThat(again.upToDate()).isTrue();
        assertThat(again.problems()).isEqualTo(result.problems());
        // Other checks are another table, of the state that is there.
        assertThat(stats(context, "checks.min-transitions = 12").summary()).startsWith("dataset_stats v2: ");
        assertThat(context.warehouse()
                        .snapshot()
                        .find(TableName.DATASET_STATE)
                        .orElseThrow()
                        .number())
                .isEqualTo(1);
    }

    @Test
    void ofAnAppendedVersionOnlyTheNewFilesAreRead() throws IOException {
        var context = context("a");
        var first = publish(context, Optional.empty(), 0, 5);
        stats(context, "");
        var second = publish(context, Optional.of(first), 5, 9);
        var whole = context("whole");
        publish(whole, Optional.empty(), 0, 9);
        stats(whole, "");

        // The same length, so that the version stays published, but nothing that can be read.
        for (var file : context.warehouse().files(first)) {
            var path = Path.of(java.net.URI.create("file:" + file.replaceFirst("^file:", "")));
            Files.write(path, new byte[(int) Files.size(path)]);
        }
        assertThat(second.manifest().rows()).isEqualTo(36);
        assertThat(stats(context, "").summary()).startsWith("dataset_stats v2: 36 transitions, 9 episodes");
        assertThat(state(context)).isEqualTo(state(whole));
        assertThat(said).anyMatch(line -> line.contains("are described by dataset_state v1, 2 are new"));
    }

    @Test
    void whatWasAppendedIsComparedWithWhatWasThere() {
        var context = context("a");
        var first = publish(context, Optional.empty(), 0, 5);
        var configuration = "drift-against = parent, checks.require = [no-drift]";
        assertThat(stats(context, configuration).problems()).isEmpty();
        assertThat(said).contains("[stats] transitions v1 was not appended to another version: no drift to report");
        publish(context, Optional.of(first), 10, 15);
        var result = stats(context, configuration);

        assertThat(result.problems())
                .singleElement()
                .asString()
                .startsWith("check no-drift failed: what was appended has other distributions than the version before"
                        + " (transitions v1) in 2 of 6 quantities, by population stability index: episode_return 0 (")
                .endsWith(", reward 0 (0.8308).");
        assertThat((Double) row(context, "observation").getAs("psi")).isZero();
    }

    @Test
    void anotherDatasetMustBeDescribedFirst() {
        var other = context("other");
        publish(other, Optional.empty(), 0, 3);
        var context = context("a");
        publish(context, Optional.empty(), 0, 3);
        var against = "drift-against = \"" + directory.resolve("other") + "\"";

        assertThatThrownBy(() -> stats(context, against))
                .isInstanceOf(UserException.class)
                .hasMessageEndingWith("other: transitions v1 there is not described; run ./hindcast stats --out "
                        + directory.resolve("other") + " first");
        stats(other, "");
        stats(context, against);
        assertThat((Double) row(context, "reward").getAs("psi")).isZero();
    }

    @Test
    void coverageThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> config("coverage.dimensions = [1, 1]"))
                .hasMessage("Cannot use coverage.dimensions = [1, 1]: there must be at most four, all different");
        assertThatThrownBy(() -> config("coverage.widths = [1]"))
                .hasMessageStartingWith("Cannot use coverage.widths = [1.0]: there must be one for each of");
    }

    private StageContext context(String name) {
        var spark = LocalSpark.session();
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve(name).toString()), said::add);
    }

    private static TableVersion publish(StageContext context, Optional<TableVersion> base, int from, int to) {
        var episodes = new ArrayList<Assembled>();
        for (var i = from; i < to; i++) {
            episodes.add(Assembled.of(SampleTransitions.episode("e" + i, "g", 4, i)));
        }
        try (var writer = new DatasetWriter(context.warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(context.spark().sparkContext())
                    .parallelize(episodes, 2);
            var request = new Request("ingest", CONFIGURATION, List.of(), List.of());
            return writer.publish(writer.write(rows), request, base);
        }
    }

    private static byte[] state(StageContext context) {
        var version =
                context.warehouse().snapshot().find(TableName.DATASET_STATE).orElseThrow();
        return DatasetStatsTable.state(context.warehouse(), version).bytes();
    }

    private static Row row(StageContext context, String name) {
        var warehouse = context.warehouse();
        return warehouse
                .read(warehouse.require(TableName.DATASET_STATS))
                .where("name = '" + name + "' and dimension = 0")
                .first();
    }

    private static StageResult stats(StageContext context, String settings) {
        return StatsStage.run(context, config(settings));
    }

    private static StatsConfig config(String settings) {
        return Settings.read(StatsConfig.class, ConfigFactory.parseString(settings), "");
    }
}
