package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.CollectConfig;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.nio.file.Path;
import java.util.Map;
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
    void anUnknownEnvironmentIsRefusedBeforeAnythingRuns() {
        assertThatThrownBy(() -> collect("pointmass-esy", 3))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use environment 'pointmass-esy': there is no such environment;"
                        + " did you mean 'pointmass-easy'?");
    }

    private StageResult collect(String environment, int episodes) {
        var config = Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = " + episodes), "");
        return CollectStage.run(
                new StageContext(LocalSpark.session(), warehouse(), line -> {}),
                new EnvironmentSpec(environment),
                config);
    }

    private Warehouse warehouse() {
        return new Warehouse(LocalSpark.session(), out.toString());
    }
}
