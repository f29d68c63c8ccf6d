package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.source.Assembled;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurateStageTest {
    private StageContext context;

    @BeforeEach
    void publishSeventyEpisodes(@TempDir Path out) {
        var spark = LocalSpark.session();
        context = new StageContext(spark, new Warehouse(spark, out.toString()), line -> {});
        var episodes = new ArrayList<Assembled>();
        for (var i = 0; i < 70; i++) {
            // Returns 0, 0, 1, 1, 2, 2, …: every one is a tie.
            episodes.add(Assembled.of(
                    SampleTransitions.episode(String.format("e%02d", i), i < 60 ? "g" : "h", 5, Math.floor(i / 2.0))));
        }
        try (var writer = new DatasetWriter(context.warehouse())) {
            var rows = JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(episodes, 4);
            var request = new Request("ingest", Map.of(), List.of(), List.of());
            writer.publish(writer.write(rows), request, Optional.empty());
        }
    }

    @Test
    void tenPercentOfSeventyAreSevenTiesByEpisode() {
        curate("best { top-percent = 10 }");

        assertThat(episodes("best")).containsExactly("e68", "e69", "e66", "e67", "e64", "e65", "e62");
        assertThat(episodes("all")).hasSize(70).startsWith("e68", "e69").endsWith("e00", "e01");
    }

    @Test
    void everyGroupGivesItsOwnBest() {
        curate("best { top-percent = 4, group-column = group }");

        // 4 % of 60 are 2.4, so 3; 4 % of 10 are 0.4, so 1.
        assertThat(episodes("best")).containsExactlyInAnyOrder("e58", "e59", "e56", "e68");
    }

    @Test
    void aGroupColumnThatIsNoColumnIsRefused() {
        assertThatThrownBy(() -> curate("best { group-column = policy }"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use group-column = policy: episodes has no such column; its columns are"
                        + " episode_id, group, length, episode_return, ending, source_file");
        assertThatThrownBy(() -> curate("all { top-percent = 10 }"))
                .hasMessage(
                        "Cannot use subsets.all: that name is kept for the subset of every episode; choose another");
        assertThatThrownBy(() -> curate("best { top-percent = 0 }"))
                .hasMessage("Cannot use top-percent = 0.0: it must be in (0, 100] (in section subsets.best)");
    }

    @Test
    void otherSubsetsNeedAnotherOutput() {
        curate("best { top-percent = 10 }");

        assertThat(curate("best { top-percent = 10 }").upToDate()).isTrue();
        assertThatThrownBy(() -> curate("best { top-percent = 20 }"))
                .hasMessageContaining("(subsets.best.top-percent: 10.0 -> 20.0)");
    }

    private StageResult curate(String subsets) {
        var conf = ConfigFactory.parseString("subsets { " + subsets + " }");
        return CurateStage.run(context, Settings.read(CurateConfig.class, conf, ""));
    }

    private List<String> episodes(String subset) {
        var warehouse = context.warehouse();
        return warehouse
                .read(warehouse.require(TableName.SUBSETS))
                .where("subset = '" + subset + "'")
                .orderBy("rank", "group")
                .collectAsList()
                .stream()
                .map(row -> row.getString(2))
                .toList();
    }
}
