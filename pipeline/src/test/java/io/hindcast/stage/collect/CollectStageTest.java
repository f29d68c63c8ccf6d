package io.hindcast.stage.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.stage.SampleTransitions;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectStageTest {
    /** A run of the easy maze, from an earlier hindcast. */
    private static final String OLD_RUN = "src/test/resources/old-checkpoints/dqn-all-s7-2675b55b39a5";

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
    void aTrainedPolicyActsAndTheManifestSaysHow() {
        var acting = "behaviour = policy, episodes = 3, policy { run = \"" + OLD_RUN + "\", epsilon = 0.2 }";
        collect("pointmass-easy", acting);

        var manifest = warehouse().require(TableName.TRANSITIONS).manifest();
        assertThat(manifest.configuration())
                .containsEntry("behaviour", "policy")
                .doesNotContainKeys("wanderer", "rnd")
                .extractingByKey("policy", InstanceOfAssertFactories.map(String.class, Object.class))
                .containsEntry("run", OLD_RUN)
                .containsEntry("step", 20)
                .containsEntry("actions", "greedy")
                .containsEntry("epsilon", 0.2)
                .containsKey("state");
        assertThat(logProbabilities()).isNotEmpty().isSubsetOf(Math.log(0.2 / 5), Math.log(0.2 / 5 + (1 - 0.2)));
        assertThat(collect("pointmass-easy", acting).upToDate()).isTrue();
        assertThatThrownBy(() -> collect("pointmass-easy", acting.replace("0.2", "0.3")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("(policy.epsilon: 0.2 -> 0.3)");
    }

    @Test
    void aTrainedPolicyOfAnotherEnvironmentIsRefusedBeforeAnythingRuns() {
        assertThatThrownBy(() ->
                        collect("cartpole", "behaviour = policy, policy { run = \"" + OLD_RUN + "\", step = 10 }"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use run = " + OLD_RUN + " for collect.policy: it learned from ")
                .hasMessageEndingWith("; name a run that learned for this environment");
    }

    /** An earlier hindcast asked for it in other words, and logged no probabilities. */
    @Test
    void whatAWandererCollectedOnceIsNotCollectedAgain() {
        var settings = "behaviour = wanderer, episodes = 2, wanderer.keep-away = 1";
        collect("pointmass-easy", settings);
        var now = warehouse().require(TableName.TRANSITIONS).manifest();
        assertThat(now.configuration()).containsEntry("behaviour-log-prob", "given the plan");
        assertThat(logProbabilities()).hasSize((int) now.rows()).doesNotContainNull();

        var then = new LinkedHashMap<>(now.configuration());
        then.remove("behaviour-log-prob");
        var before = out.resolve("before").toString();
        var old = new Warehouse(LocalSpark.session(), before);
        try (var writer = new DatasetWriter(old.begin(TableName.TRANSITIONS))) {
            var episode = Assembled.of(SampleTransitions.episode("e", "g", 2, 1).stream()
                    .map(CollectStageTest::inTheMaze)
                    .toList());
            var rows = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext())
                    .parallelize(List.of(episode));
            writer.publish(writer.write(rows), new Request("collect", then, List.of(), List.of()), Optional.empty());
        }
        assertThat(collect("pointmass-easy", settings, old).upToDate()).isTrue();
    }

    private static Transition inTheMaze(Transition step) {
        return new Transition(
                step.episodeId(),
                step.step(),
                new float[2],
                new Action.Index(1),
                step.reward(),
                new float[2],
                step.terminated(),
                step.truncated(),
                null,
                null,
                null,
                null,
                step.sourceFile(),
                step.sourceRow());
    }

    private List<Double> logProbabilities() {
        return warehouse()
                .read(warehouse().require(TableName.TRANSITIONS))
                .select("behaviour_log_prob")
                .as(Encoders.DOUBLE())
                .collectAsList();
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
        return collect(environment, settings, warehouse());
    }

    private static StageResult collect(String environment, String settings, Warehouse warehouse) {
        var config = Settings.read(CollectConfig.class, ConfigFactory.parseString(settings), "");
        return CollectStage.run(
                new StageContext(LocalSpark.session(), warehouse, line -> {}),
                new EnvironmentSpec(environment),
                config);
    }

    private Warehouse warehouse() {
        return new Warehouse(LocalSpark.session(), out.toString());
    }
}
