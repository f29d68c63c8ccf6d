package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.Workers;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

    private final List<String> said = new ArrayList<>();

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

        train("kwargs { what = nan, share = 0.5 }");
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

    @Test
    void whatExplorationCannotGoOnFromIsRefusedAndNothingIsPublished() {
        assertThatThrownBy(() -> collect("kwargs { what = nan, actions = 2 }", "behaviour = rnd, episodes = 3"))
                .hasStackTraceContaining("Cannot explore " + NAME
                        + ": in step 2 of episode 0 observation[0] is NaN; mend the environment");
        assertThat(out.resolve("transitions/v1")).doesNotExist();
    }

    @Test
    void missingEpisodesAreAGapAndPlayedOnceTheEnvironmentIsMended() throws IOException {
        collect("kwargs { what = sound }", "episodes = 4");
        train("kwargs { what = sound }");
        var mended = out.resolve("mended");
        var broken = "kwargs { what = \"reward inf\", share = 0.5, mended = \"" + mended + "\" }";

        var evaluated = evaluate(broken);
        var left = (int) warehouse().require(TableName.EVALUATIONS).manifest().rows() / 2;
        assertThat(left).isBetween(1, 5);
        assertThat(evaluated.problems()).hasSize(2);
        var why = (6 - left) + " of 6 episodes ended with an answer of the environment that is none (first in step 2 of"
                + " episode ";
        var results = report();
        var gaps = results.at("/results/0/gaps/0");
        assertThat(gaps.path("updates").toString()).isEqualTo("[0,4]");
        assertThat(gaps.path("played").toString()).isEqualTo("[" + left + "," + left + "]");
        assertThat(gaps.path("asked").asInt()).isEqualTo(6);
        assertThat(gaps.path("reason").asText())
                .contains(" has " + left + " of 6 episodes after 4 updates (and 1 more): " + why)
                .endsWith(
                        " the reward is Infinity); mend the environment and evaluate again, which plays what is missing");
        assertThat(results.at("/results/0/final/mean").isNumber()).isTrue();
        assertThat(said).anyMatch(line -> line.contains(" (" + left + " of 6 episodes) "));
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains("1 run was not evaluated in full", "<small class=\"bad\">" + left + " of 6 episodes</small>");

        // Nothing has changed: it was tried, and is as much of a problem as before.
        var again = evaluate(broken);
        assertThat(again.upToDate()).isTrue();
        assertThat(again.problems()).isEqualTo(evaluated.problems());

        Files.createFile(mended);
        var whole = evaluate(broken);
        assertThat(whole.summary()).isEqualTo("evaluations v2: 12 episodes of 2 checkpoints");
        assertThat(whole.problems()).isEmpty();
        assertThat(report().at("/results/0").has("gaps")).isFalse();
        assertThat(evaluate(broken).upToDate()).isTrue();
        assertThat(evaluate(broken).problems()).isEmpty();
    }

    @Test
    void observationsOutOfTheirBoundsAreCountedByEveryJob() {
        var stepped = NAME.replace("Evil", "Stepped");
        var words = " observations are out of the bounds that their space declares";
        var collected = CollectStage.run(
                context(),
                Workers.spec(stepped, ""),
                Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), ""));
        assertThat(collected.summary()).isEqualTo("transitions v1: 20 transitions of 4 episodes; 8" + words);
        assertThat(collected.problems()).isEmpty();
        assertThat(Objects.requireNonNull(warehouse()
                                .require(TableName.TRANSITIONS)
                                .manifest()
                                .findings())
                        .lines())
                .containsExactly("8" + words);

        CurateStage.run(context(), Settings.defaults(CurateConfig.class));
        TrainStage.run(
                context(),
                Workers.spec(stepped, ""),
                Settings.defaults(MlflowConfig.class),
                Settings.read(
                        TrainConfig.class,
                        ConfigFactory.parseString("seeds = [1], updates = 4, batch-size = 4, log-every = 2,"
                                + " checkpoint-every = 4\n"
                                + "runs.awac { learner = awac, online { steps = 10, updates-per-step = 1 },"
                                + " settings { actor.hidden-layers = [8], critic.hidden-layers = [8] } }"),
                        "train"));
        assertThat(said).contains("[train] awac on all, seed 1: 4" + words);
        var evaluated = EvaluateStage.run(
                context(),
                Workers.spec(stepped, ""),
                Settings.read(EvaluateConfig.class, ConfigFactory.parseString("episodes = 3, checkpoints = last"), ""));
        assertThat(evaluated.summary()).isEqualTo("evaluations v1: 3 episodes of 1 checkpoints; 6" + words);
        assertThat(evaluated.problems()).isEmpty();
    }

    @Test
    void observationsOutOfTheirBoundsAreRefusedOnRequest() {
        assertThatThrownBy(() -> CollectStage.run(
                        context(),
                        Workers.spec(NAME.replace("Evil", "Stepped"), "out-of-bounds = refuse"),
                        Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), "")))
                .hasStackTraceContaining(
                        "all 4 episodes ended with an answer that is none (observation[0] is 4.0, above 3.0,"
                                + " a bound that its space declares: 16 rows of 4 episodes left out");
    }

    private JsonNode report() throws IOException {
        ReportStage.run(context(), Settings.defaults(ReportConfig.class));
        return new ObjectMapper().readTree(out.resolve("report/results.json").toFile());
    }

    private void train(String world) {
        CurateStage.run(context(), Settings.defaults(CurateConfig.class));
        TrainStage.run(
                context(),
                world(world),
                Settings.defaults(MlflowConfig.class),
                Settings.read(
                        TrainConfig.class,
                        ConfigFactory.parseString("seeds = [1], updates = 4, batch-size = 4, log-every = 2,"
                                + " checkpoint-every = 4\n"
                                + "runs.bc { learner = behaviour-cloning, settings { actor.hidden-layers = [8] } }"),
                        "train"));
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
        return new StageContext(LocalSpark.session(), warehouse(), said::add);
    }

    private Warehouse warehouse() {
        return new Warehouse(LocalSpark.session(), out.toString());
    }
}
