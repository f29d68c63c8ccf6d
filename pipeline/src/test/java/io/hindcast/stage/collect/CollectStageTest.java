package io.hindcast.stage.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectStageTest {
    @TempDir
    Path out;

    @Test
    void episodesAreCollectedOnceAndDescribeTheirActions() {
        var result = collect("pointmass-easy", 3);

        assertThat(result.summary()).matches("transitions v1: \\d+ transitions of 3 episodes");
        var manifest = warehouse().require(TableName.TRANSITIONS).manifest();
        assertThat(manifest.configuration())
                .containsEntry("environment", "pointmass-easy")
                .containsEntry("action-space", Map.of("type", "discrete", "count", 5));
        assertThat(warehouse().require(TableName.EPISODES).manifest().rows()).isEqualTo(3);
        assertThat(collect("pointmass-easy", 3).upToDate()).isTrue();
    }

    @Test
    void moreEpisodesNeedAnotherOutput() {
        collect("pointmass-easy", 3);

        assertThatThrownBy(() -> collect("pointmass-easy", 2))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("(episodes: 3 -> 2)");
    }

    @Test
    void explorationLeavesAMapOfWhatIsStillNew() {
        var result = collect(
                "pointmass-easy",
                "behaviour = rnd, steps = 70, rnd { batch-size = 8,"
                        + " distillation { predictor.hidden-layers = [16], target.hidden-layers = [16] } }");

        assertThat(result.summary()).isEqualTo("transitions v1: 70 transitions of 2 episodes");
        var transitions = warehouse().require(TableName.TRANSITIONS);
        var novelty = warehouse().require(TableName.NOVELTY);
        assertThat(novelty.manifest().rows()).isEqualTo(10_000);
        var ending = warehouse()
                .read(warehouse().require(TableName.EPISODES))
                .orderBy("episode_id")
                .select("length", "ending")
                .collectAsList();
        assertThat(ending).extracting(Row::toString).containsExactly("[50,truncated]", "[20,truncated]");
    }

    @Test
    void whatDecidesNothingIsNotAskedFor() {
        collect("pointmass-easy", "steps = 60");
        assertThat(collect("pointmass-easy", "steps = 60, rnd.epsilon = 0.5").upToDate())
                .isTrue();
        assertThat(warehouse().snapshot().find(TableName.NOVELTY)).isEmpty();
        assertThat(warehouse().require(TableName.TRANSITIONS).manifest().rows()).isEqualTo(60);
    }

    @Test
    void anUnknownEnvironmentIsRefusedBeforeAnythingRuns() {
        assertThatThrownBy(() -> collect("pointmass-esy", 3))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use environment 'pointmass-esy': there is no such environment;"
                        + " did you mean 'pointmass-easy'?");
    }

    private StageResult collect(String environment, int episodes) {
        return collect(environment, "episodes = " + episodes);
    }

    private StageResult collect(String environment, String settings) {
        var config = Settings.read(CollectConfig.class, ConfigFactory.parseString(settings), "");
        return CollectStage.run(
                new StageContext(LocalSpark.session(), warehouse(), line -> {}),
                new EnvironmentSpec(environment),
                config);
    }

    private Warehouse warehouse() {
        return new Warehouse(LocalSpark.session(), out.toString());
    }
}
