package io.hindcast.stage.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Transformation;
import io.hindcast.learn.Iql;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.Preset;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.ActingPolicy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainConfigTest {
    @Test
    void aRunWithoutAPresetTakesWhatItLeavesOpenFromTheSection() {
        var plan = plan("updates = 7, batch-size = 9", "learner = iql, settings.expectile = 0.6");
        assertThat(plan.learner()).isEqualTo("iql");
        assertThat(plan.updates()).isEqualTo(7);
        assertThat(plan.batchSize()).isEqualTo(9);
        assertThat(plan.nStep()).isEqualTo(1);
        assertThat(((Iql.Config) plan.settings()).expectile()).isEqualTo(0.6);
    }

    @Test
    void aPresetAloneIsItsLearnerWithAllItSays() {
        var plan = plan("updates = 7, batch-size = 9", "preset = cs224r-hw2-actor-critic");
        assertThat(plan.learner()).isEqualTo("actor-critic");
        assertThat(plan.updates()).isEqualTo(152_000);
        assertThat(plan.batchSize()).isEqualTo(256);
        assertThat(plan.nStep()).isEqualTo(3);
        assertThat(plan.settings()).isEqualTo(settings(Preset.CS224R_HW2_ACTOR_CRITIC));
    }

    @Test
    void whatTheRunSaysItselfCountsKeyByKey() {
        var preset = (Iql.Config) settings(Preset.CS224R_HW3_ANTMAZE_IQL);
        var plan = plan(
                "",
                "preset = cs224r-hw3-antmaze-iql, learner = iql, updates = 5, batch-size = 4, n-step = 2,"
                        + " settings { expectile = 0.7, critic { learning-rate = 1e-3, max-gradient-norm = null } }");
        assertThat(plan.updates()).isEqualTo(5);
        assertThat(plan.batchSize()).isEqualTo(4);
        assertThat(plan.nStep()).isEqualTo(2);
        var settings = (Iql.Config) plan.settings();
        assertThat(settings.expectile()).isEqualTo(0.7);
        assertThat(settings.critic().learningRate()).isEqualTo(1e-3);
        assertThat(settings.critic().maxGradientNorm()).isNull();
        assertThat(settings.critic().hiddenLayers()).isEqualTo(preset.critic().hiddenLayers());
        assertThat(settings.maxWeight()).isEqualTo(50);
        assertThat(settings.actor()).isEqualTo(preset.actor());
    }

    @Test
    void aRunThatGoesOnOnlineHasNoBonusAndNoTimesThatItsOwnStepsLack() {
        var bonus = Map.<String, List<Transformation>>of(
                "all", List.of(new Transformation.Bonus("kl", "run", 1, "state", 1, 5)));
        var online = "learner = awac, online.steps = 10";
        assertThatThrownBy(() -> TrainStage.requireOneKindOfRows(config("", online), bonus))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot train mine: it goes on online, and subset all has a behaviour-bonus, which steps of its"
                                + " own cannot get; set online.steps = 0, or curate a subset without the bonus");
        assertThatThrownBy(() -> config("time-delta = discount", online))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot train mine with time-delta = discount: it goes on online, and its own"
                        + " steps have no time_delta; set online.steps = 0, or use time-delta = ignore (in ");
        assertThat(config("time-delta = discount", online + ", subset = none").timeDelta())
                .isEqualTo(TrainConfig.TimeDelta.DISCOUNT);
        TrainStage.requireOneKindOfRows(config("time-delta = discount", "learner = awac"), bonus);
        TrainStage.requireOneKindOfRows(config("", online), Map.of());
    }

    @Test
    void aLearnerOfValuesOnlyJudgesAPolicyAndALearnerOfAPolicyDoesNot() {
        refused("learner = fqe")
                .hasMessageStartingWith(
                        "Cannot train mine: its learner, fqe, learns the values of a policy, and none is"
                                + " named; add judges { run = OUT/checkpoints/RUN_ID }");
        refused("learner = fqe, judges.run = \"\"").hasMessageStartingWith("Cannot use a policy: its run is empty;");
        refused("learner = iql, judges.run = x")
                .hasMessageStartingWith("Cannot use judges in train.runs.mine: its learner, iql, learns a policy of its"
                        + " own; remove judges, or use learner = fqe");
        refused("learner = fqe, judges.run = x, online.steps = 10")
                .hasMessageStartingWith(
                        "Cannot train mine online: its learner, fqe, learns values only and has no policy"
                                + " that acts; set online.steps = 0");
        refused("learner = fqe, judges.run = x, n-step = 3")
                .hasMessageStartingWith(
                        "Cannot use n-step = 3 in train.runs.mine: between its first and its last step the"
                                + " data's policy acts, not the judged one; use n-step = 1");
        assertThat(config("", "learner = fqe, judges { run = x, epsilon = 0.1 }")
                        .plan("mine")
                        .judges())
                .isEqualTo(new ActingPolicy("x", null, Preference.GREEDY, 0.1));
    }

    /** Runs that judge nothing are asked for in the words of before. */
    @Test
    void whoJudgesNothingSaysNothingOfIt() {
        assertThat(Settings.toMap(config("", "learner = iql")).toString()).doesNotContain("judges");
    }

    @Test
    void aSweepStandsForAnEntryACombinationInTheOrderOfItsKeysAndValues() {
        var config = config(
                "",
                "learner = iql, settings.temperature = 0.2,"
                        + " sweep { expectile = [0.9, 0.5], critic.hidden-layers = [[8, 8], [4]] }");
        assertThat(config.runs().keySet())
                .containsExactly(
                        "mine-hidden-layers-8x8-expectile-0.9",
                        "mine-hidden-layers-8x8-expectile-0.5",
                        "mine-hidden-layers-4-expectile-0.9",
                        "mine-hidden-layers-4-expectile-0.5");
        var last =
                (Iql.Config) config.plan("mine-hidden-layers-4-expectile-0.5").settings();
        assertThat(last.expectile()).isEqualTo(0.5);
        assertThat(last.critic().hiddenLayers()).containsExactly(4);
        assertThat(last.temperature()).isEqualTo(0.2);
    }

    @Test
    void aSweepThatIsNotAListOrRepeatsItselfIsRefused() {
        refused("learner = iql, sweep.expectile = 0.9").hasMessageContaining("is not a list of values");
        refused("learner = iql, sweep.expectile = [0.9, 0.9]").hasMessageContaining("twice");
        refused("learner = iql, sweep.expectyle = [0.9]").hasMessageContaining("expectyle");
    }

    @Test
    void whatIsWrittenIsResolvedAndReadBackAsTheSame() {
        var config = config("", "preset = cs285-hw5-pointmass-hard-awac, settings.critics = 2");
        var written = Settings.toMap(config);
        assertThat(written.toString())
                .contains("preset=cs285-hw5-pointmass-hard-awac", "learner=awac", "temperature=10");
        var read = Settings.read(TrainConfig.class, ConfigFactory.parseMap(written), "train");
        assertThat(read.plan("mine")).isEqualTo(config.plan("mine"));
        assertThat(Settings.toMap(read)).isEqualTo(written);
    }

    @Test
    void aPresetThatThereIsNotIsRefusedWithTheNearestName() {
        refused("preset = iql-paper-antmase")
                .hasMessage("Cannot use preset 'iql-paper-antmase': there is no such preset; did you mean"
                        + " 'iql-paper-antmaze'? (in section train.runs.mine)");
    }

    @Test
    void aPresetOfAnotherLearnerIsRefused() {
        refused("preset = iql-paper-antmaze, learner = awac")
                .hasMessage(
                        "Cannot use learner = awac with preset = iql-paper-antmaze: the preset is of iql; remove one of"
                                + " the two (in section train.runs.mine)");
    }

    @Test
    void aSettingThatThePresetsLearnerHasNotIsRefused() {
        refused("preset = iql-paper-antmaze, settings.expectil = 0.5")
                .hasMessageContaining("did you mean 'expectile'?");
    }

    @Test
    void aRunNeedsALearnerOrAPreset() {
        refused("subset = all")
                .hasMessage("Cannot train without a learner: neither learner nor preset is given; add one of them, see"
                        + " train --help (in section train.runs.mine)");
    }

    @Test
    void stepsBeforeTheBootstrapHaveARange() {
        refused("learner = iql, n-step = 0")
                .hasMessageContaining("Cannot use train.runs.mine.n-step = 0: it must be in [1, 1000]");
    }

    private static LearnerConfig settings(Preset preset) {
        return LearnerConfig.read(preset.learner(), preset.settings().toConfig(), "");
    }

    private static TrainConfig.Plan plan(String section, String run) {
        return config(section, run).plan("mine");
    }

    private static TrainConfig config(String section, String run) {
        return Settings.read(
                TrainConfig.class, ConfigFactory.parseString(section + "\nruns.mine { " + run + " }"), "train");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(String run) {
        return assertThatThrownBy(() -> config("", run)).isInstanceOf(UserException.class);
    }
}
