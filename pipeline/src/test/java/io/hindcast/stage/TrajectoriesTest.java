package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.Input;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Episodes that are parts of one logged trajectory. */
class TrajectoriesTest {
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path out;

    @Test
    void theBestTrajectoriesAreThoseWhosePartsReturnTheMostTogether() {
        // a returns 1 + 2 + 3 = 6, b 5, c 4.
        publish(part("a", 1), part("a/2", 2), part("a/10", 3), whole("b", 5), whole("c", 4));

        curate(
                "best { top-percent = 30 }, good { steps = [{ return-range { min = 5 } }] }"
                        + ", long { steps = [{ length-range { min = 3 } }] }, first { steps = [{ first-transitions { count = 4 } }] }");

        assertThat(episodes("all")).containsExactly("a", "a/2", "a/10", "b", "c");
        assertThat(episodes("best")).containsExactly("a", "a/2", "a/10");
        assertThat(episodes("good")).containsExactly("a", "a/2", "a/10", "b");
        assertThat(episodes("long")).containsExactly("a", "a/2", "a/10");
        assertThat(episodes("first")).containsExactly("a", "a/2", "a/10", "b");
        assertThat(said)
                .contains(
                        "[curate] all: 5 episodes of 3 logged trajectories, 5 transitions, mean return 5.000",
                        "[curate] best: top-percent 30 kept 3 of 5 episodes of 1 logged trajectories, 3 transitions,"
                                + " mean return 6.000");
    }

    @Test
    void noPartOfASplitOrSampleHasAPartOfATrajectoryAlone() {
        publish(IntStream.range(0, 40)
                .boxed()
                .flatMap(i -> IntStream.rangeClosed(1, 3).mapToObj(k -> part("t" + i + (k == 1 ? "" : "/" + k), k)))
                .toArray(Assembled[]::new));

        curate("train { steps = [{ split { part = train } }] }, test { steps = [{ split { part = test } }] }"
                + ", some { steps = [{ sample { fraction = 0.5 } }] }");

        for (var subset : List.of("train", "test", "some")) {
            var kept = episodes(subset);
            assertThat(kept)
                    .isNotEmpty()
                    .allSatisfy(id -> assertThat(kept)
                            .contains(id.split("/")[0], id.split("/")[0] + "/2", id.split("/")[0] + "/3"));
        }
    }

    @Test
    void theScorecardCountsTrajectoriesAndTheRowsThatStandAlone() {
        publish(part("a", 1), part("a/2", 2), part("a/3", 3), Assembled.of(SampleTransitions.episode("b", "g", 2, 5)));

        StatsStage.run(context(), Settings.read(StatsConfig.class, ConfigFactory.empty(), ""));

        assertThat(said)
                .anySatisfy(line -> assertThat(line)
                        .contains("3 of 4 episodes (75 %) are a single row. They are parts of 2 logged trajectories"))
                .contains("[stats] ingest: 2 episodes are later parts of a logged trajectory");
    }

    private static Assembled whole(String id, double reward) {
        return Assembled.of(SampleTransitions.episode(id, "g", 1, reward));
    }

    private static Assembled part(String id, double reward) {
        @Nullable String trajectory = id.contains("/") ? id.substring(0, id.indexOf('/')) : null;
        return new Assembled(
                trajectory, SampleTransitions.episode(id, "g", 1, reward), List.of(), 1, 0, false, Map.of());
    }

    private void publish(Assembled... episodes) {
        try (var writer = new DatasetWriter(context().warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext())
                    .parallelize(List.of(episodes), 2);
            var actions = new ActionSpace.Continuous(1, -1, 1).toMap();
            var request = new Request(
                    "ingest", Map.of(ActionSpaceConfig.KEY, actions), List.of(), List.of(new Input("a.csv", 1, "00")));
            writer.publish(writer.write(rows), request, Optional.empty());
        }
    }

    private StageResult curate(String subsets) {
        var conf = ConfigFactory.parseString("subsets { " + subsets + " }");
        return CurateStage.run(context(), Settings.read(CurateConfig.class, conf, ""));
    }

    private List<String> episodes(String subset) {
        var warehouse = context().warehouse();
        return warehouse
                .read(warehouse.require(TableName.SUBSETS))
                .where("subset = '" + subset + "'")
                .orderBy("rank")
                .collectAsList()
                .stream()
                .map(row -> row.getString(2))
                .toList();
    }

    private StageContext context() {
        return new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out.toString()), said::add);
    }
}
