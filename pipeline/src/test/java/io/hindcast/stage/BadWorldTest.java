package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.Workers;
import io.hindcast.run.CollectConfig;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.nio.file.Path;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An environment in Python that says what is none, from collecting to evaluating. */
class BadWorldTest {
    private static final String NAME = "gymnasium:src.test.resources.io.hindcast.env.worlds:Evil";

    @TempDir
    Path out;

    @BeforeEach
    void needsPython() {
        Workers.require("requirements-gymnasium.txt");
    }

    @Test
    void episodesThatBreakAreQuarantinedAndLeftOutOfReturns() {
        var collected = collect("kwargs { what = nan, share = 0.5 }", "episodes = 8, seed = 3");

        var transitions = warehouse().require(TableName.TRANSITIONS);
        var sound = (int) (long) transitions.manifest().rows() / 5;
        assertThat(sound).isBetween(1, 7);
        assertThat(collected.summary())
                .isEqualTo("transitions v1: " + 5 * sound + " transitions of " + sound + " episodes; quarantined "
                        + 3 * (8 - sound) + " rows of " + (8 - sound) + " episodes");
        assertThat(collected.problems())
                .singleElement()
                .asString()
                .startsWith("observation[0] is NaN: " + 3 * (8 - sound) + " rows of " + (8 - sound)
                        + " episodes left out, first collect:" + NAME + " row 2");
        var quarantine = warehouse().read(warehouse().require(TableName.QUARANTINE));
        assertThat(quarantine.where("reason = 'not-finite'").count()).isEqualTo(8 - sound);
        assertThat(quarantine.where("reason = 'companion'").count()).isEqualTo(2 * (8 - sound));
        assertThat(quarantine.where("reason = 'not-finite'").first().<String>getAs("row"))
                .contains("\"next_observation\":[\"NaN\",0.0]");
        assertThat(warehouse().read(transitions).collectAsList()).allSatisfy(row -> {
            assertThat(row.<Float>getList(row.fieldIndex("next_observation"))).allMatch(Float::isFinite);
        });

        CurateStage.run(context(), Settings.defaults(CurateConfig.class));
        TrainStage.run(
                context(),
                world("kwargs { what = nan, share = 0.5 }"),
                Settings.defaults(MlflowConfig.class),
                Settings.read(
                        TrainConfig.class,
                        ConfigFactory.parseString("seeds = [1], updates = 4, batch-size = 4, log-every = 2,"
                                + " checkpoint-every = 4\n"
                                + "runs.bc { learner = behaviour-cloning, settings { actor.hidden-layers = [8] } }"),
                        "train"));
        assertThatThrownBy(() -> evaluate("kwargs { what = raises, at = 0 }"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot evaluate in " + NAME + ": no episode came to its end; of run behaviour-cloning-")
                .hasMessageContaining("ValueError: ?[31mthe motor is hot?")
                .hasMessageEndingWith("; mend the environment");
        var evaluated = evaluate("kwargs { what = \"reward inf\", share = 0.5 }");
        var played = warehouse().read(warehouse().require(TableName.EVALUATIONS));
        assertThat(played.count()).isBetween(1L, 11L).isEven();
        assertThat(played.collectAsList())
                .extracting((Row row) -> row.<Double>getAs("episode_return"))
                .allMatch(Double::isFinite);
        assertThat(evaluated.problems())
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem)
                        .contains((6 - played.count() / 2)
                                + " of 6 episodes ended with an answer of the environment that is none"
                                + " (first in step 2 of episode ")
                        .endsWith(" the reward is Infinity)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"episodes = 3", "steps = 1000"})
    void aWorldWhoseEpisodesAllBreakIsRefusedAndNothingIsPublished(String amount) {
        assertThatThrownBy(() -> collect("kwargs { what = \"reward none\", at = 1 }", amount))
                .hasStackTraceContaining("Cannot collect in " + NAME + ": ")
                .hasStackTraceContaining(
                        amount.startsWith("steps")
                                ? "100 episodes in a row ended with an answer that is none (the last in step 0: the reward is"
                                        + " None); mend the environment"
                                : "all 3 episodes ended with an answer that is none (the reward is None: 3 rows of 3 episodes"
                                        + " left out, first collect:" + NAME + " row 0); mend the environment");
        assertThat(out.resolve("transitions/v1")).doesNotExist();
        assertThat(out.resolve("quarantine/v1")).doesNotExist();
    }

    private StageResult collect(String world, String settings) {
        return CollectStage.run(
                context(), world(world), Settings.read(CollectConfig.class, ConfigFactory.parseString(settings), ""));
    }

    private StageResult evaluate(String world) {
        return EvaluateStage.run(
                context(),
                world(world),
                Settings.read(EvaluateConfig.class, ConfigFactory.parseString("episodes = 6"), ""));
    }

    private static EnvironmentSpec world(String settings) {
        return Workers.spec(NAME, settings);
    }

    private StageContext context() {
        return new StageContext(LocalSpark.session(), warehouse(), line -> {});
    }

    private Warehouse warehouse() {
        return new Warehouse(LocalSpark.session(), out.toString());
    }
}
