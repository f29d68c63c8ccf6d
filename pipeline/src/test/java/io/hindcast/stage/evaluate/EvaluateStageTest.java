package io.hindcast.stage.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateStageTest {
    private static final EnvironmentSpec EASY = new EnvironmentSpec("pointmass-easy");
    private static final String TRAIN = """
            seeds = [1, 2], updates = 20, batch-size = 8, log-every = 10, checkpoint-every = 10
            runs.bc { learner = behaviour-cloning, settings { actor.hidden-layers = [8] } }
            """;

    /** Training takes longest: it is done once. */
    @TempDir
    static Path out;

    @BeforeAll
    static void train() {
        CollectStage.run(
                context(), EASY, Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), ""));
        CurateStage.run(context(), Settings.defaults(CurateConfig.class));
        var config = Settings.read(TrainConfig.class, ConfigFactory.parseString(TRAIN), "train");
        TrainStage.run(context(), EASY, Settings.defaults(MlflowConfig.class), config);
    }

    @BeforeEach
    void forget() {
        FileUtils.deleteQuietly(out.resolve("evaluations").toFile());
    }

    @Test
    void theTableIsTheSameHoweverEpisodesAreDividedAmongTasks() {
        assertThat(evaluate("episodes = 5, paths = 3, episodes-per-task = 2").summary())
                .isEqualTo("evaluations v1: 30 episodes of 6 checkpoints");
        var divided = fingerprint();

        // How they are divided is no reason to play again.
        assertThat(evaluate("episodes = 5, paths = 3, episodes-per-task = 50").upToDate())
                .isTrue();
        forget();
        evaluate("episodes = 5, paths = 3, episodes-per-task = 50");
        assertThat(fingerprint()).isEqualTo(divided);
    }

    @Test
    void theFirstEpisodesOfARunsLastCheckpointLeaveTheirPaths() {
        evaluate("episodes = 3, paths = 2");
        assertThat(rows()).hasSize(2 * 3 * 3).allSatisfy(row -> {
            var isWanted = row.<Long>getAs("step") == 20 && row.<Integer>getAs("episode") < 2;
            assertThat(row.isNullAt(row.fieldIndex("path"))).isEqualTo(!isWanted);
            if (isWanted) {
                // The easy maze starts at (1, 1).
                assertThat(row.<Float>getList(row.fieldIndex("path")).subList(0, 2))
                        .containsExactly(1f, 1f);
            }
        });
    }

    @Test
    void anEpisodeOfPointMassSucceedsWhenItTerminatesAndHasNoScoreUnlessReferencesAreGiven() {
        evaluate("episodes = 3");
        assertThat(rows()).allSatisfy(row -> {
            assertThat(row.<Boolean>getAs("success")).isEqualTo(row.<Boolean>getAs("terminated"));
            assertThat(row.<Double>getAs("score")).isNull();
        });
        forget();
        evaluate("episodes = 3, reference { min = -50, max = 0 }");
        assertThat(rows())
                .allSatisfy(row -> assertThat(row.<Double>getAs("score"))
                        .isEqualTo(100 * (row.<Double>getAs("episode_return") + 50) / 50));
    }

    @Test
    void referencesThatMeasureNothingAreRefused() {
        assertThatThrownBy(() -> evaluate("reference { min = 5, max = 5 }"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use min = 5.0 with max = 5.0: scores rise from min to max; give a larger max"
                        + " (in section evaluate.reference)");
    }

    private static StageResult evaluate(String config) {
        return EvaluateStage.run(
                context(), EASY, Settings.read(EvaluateConfig.class, ConfigFactory.parseString(config), "evaluate"));
    }

    private static String fingerprint() {
        return context().warehouse().require(TableName.EVALUATIONS).manifest().fingerprint();
    }

    private static List<Row> rows() {
        var warehouse = context().warehouse();
        return warehouse.read(warehouse.require(TableName.EVALUATIONS)).collectAsList();
    }

    private static StageContext context() {
        return new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out.toString()), line -> {});
    }
}
