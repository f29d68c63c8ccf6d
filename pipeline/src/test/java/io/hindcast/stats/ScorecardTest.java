package io.hindcast.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stats.DatasetStats.Ending;
import io.hindcast.stats.DatasetStats.Rules;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScorecardTest {
    private static final Rules RULES = new Rules(0.99, List.of(), List.of(), -1, 1);

    private final DatasetStats stats = new DatasetStats(RULES);

    @Test
    void aSoundDatasetGivesNoWarning() {
        for (var i = 0; i < 40; i++) {
            var rewards = new double[30];
            rewards[29] = i;
            SampleLog.episode("e" + i, rewards, Ending.TERMINATED)
                    .forEach(step -> stats.add(new Transition(
                            step.episodeId(),
                            step.step(),
                            step.observation(),
                            new Action.Vector(new float[] {step.step() / 40.0f}),
                            step.reward(),
                            step.nextObservation(),
                            step.terminated(),
                            false,
                            null,
                            null,
                            null,
                            null,
                            "x.csv",
                            0)));
        }
        assertThat(card("").warnings()).isEmpty();
    }

    @Test
    void constantAndEqualEntriesAreNamed() {
        for (var i = 0; i < 10; i++) {
            stats.add(SampleLog.step("e" + i, 0, new float[] {i, 7, i}, 0.5f, 0));
        }
        assertThat(warning(Check.NO_CONSTANT_DIMENSIONS))
                .isEqualTo(
                        "The same in every row: observation 1 (7), action 0 (0.5). A learner gains nothing from it, and"
                                + " scaling divides by 0.");
        assertThat(warning(Check.NO_DUPLICATE_DIMENSIONS))
                .startsWith("Equal in every row: observation 2 = observation 0.");
        assertThat(warning(Check.ENOUGH_TRANSITIONS)).startsWith("There are only 10 transitions, fewer than 1000.");
        assertThat(card("min-transitions = 10").warnings())
                .extracting(w -> w.check())
                .doesNotContain(Check.ENOUGH_TRANSITIONS);
    }

    @Test
    void unlikeScalesAreNamed() {
        for (var i = 0; i < 2; i++) {
            stats.add(SampleLog.step("e" + i, 0, new float[] {i, 101 * i, 5}, i, 0));
        }
        assertThat(warning(Check.SCALED_DIMENSIONS))
                .startsWith(
                        "The observation is not on one scale: entry 1 has a standard deviation of 50.5, entry 0 of 0.5.");
        assertThat(card("max-std-ratio = 101").warnings())
                .extracting(w -> w.check())
                .doesNotContain(Check.SCALED_DIMENSIONS);
    }

    @Test
    void rareOnesAmongZerosAreSparse() {
        var rewards = new double[100];
        rewards[99] = 1;
        SampleLog.episode("a", rewards, Ending.TERMINATED).forEach(stats::add);

        assertThat(warning(Check.NO_SPARSE_REWARD))
                .startsWith("Rewards are 0 and 1, and sparse: 1 % of steps earn 1. The recipes for AntMaze subtract 1");
        assertThat(card("min-reward-share = 0.01").warnings())
                .extracting(w -> w.check())
                .doesNotContain(Check.NO_SPARSE_REWARD);
        // A third value, and it is another kind of reward.
        SampleLog.episode("b", new double[] {2}, Ending.OPEN).forEach(stats::add);
        assertThat(find(Check.NO_SPARSE_REWARD)).isEmpty();
    }

    @Test
    void episodesThatMerelyStopAreCounted() {
        SampleLog.episode("a", new double[] {0, 0}, Ending.OPEN).forEach(stats::add);
        SampleLog.episode("b", new double[] {0, 0}, Ending.TRUNCATED).forEach(stats::add);
        assertThat(find(Check.FEW_OPEN_EPISODES)).isEmpty();

        SampleLog.episode("c", new double[] {0}, Ending.OPEN).forEach(stats::add);
        assertThat(warning(Check.FEW_OPEN_EPISODES)).startsWith("2 of 3 episodes (66.67 %) are open: their log stops");
    }

    @Test
    void actionsAtTheirBoundsAreNamed() {
        for (var i = 0; i < 4; i++) {
            stats.add(SampleLog.step("e" + i, 0, new float[] {i}, i < 2 ? 1 : 0, 0));
        }
        assertThat(warning(Check.UNSATURATED_ACTIONS)).startsWith("Actions lie at their bounds: entry 0 (50 %).");
    }

    @Test
    void oneRareDecisionOutweighsTheRest() {
        // Weights 1 (99 times) and 901: (99 + 901)^2 / (99 + 901^2) = 1.2317 effective samples.
        for (var i = 0; i < 99; i++) {
            SampleLog.decision("e" + i, 0, 1, stats::add);
        }
        SampleLog.decision("rare", 1, 1.0 / 901, stats::add);

        assertThat(card("").effectiveShare()).isCloseTo(1e6 / (100 * (99 + 901 * 901)), within(1e-12));
        assertThat(warning(Check.EFFECTIVE_SAMPLES))
                .startsWith("Propensities are uneven: 100 decisions weigh as 1 effective ones (1.232 %)");
    }

    @Test
    void evenPropensitiesAreAllEffective() {
        SampleLog.decision("a", 0, 0.25, stats::add);
        SampleLog.decision("b", 1, 0.25, stats::add);

        assertThat(card("").effectiveShare()).isEqualTo(1);
        assertThat(find(Check.EFFECTIVE_SAMPLES)).isEmpty();
    }

    @Test
    void aJumpIsNamedWithItsPlace() {
        for (var i = 0; i < 200; i++) {
            SampleLog.walk("e" + i, 2, 1, 2L * i).forEach(stats::add);
        }
        assertThat(find(Check.NO_JUMPS)).isEmpty();

        SampleLog.walk("far", 1, -11, 900).forEach(stats::add);
        assertThat(warning(Check.NO_JUMPS))
                .startsWith(
                        "The state jumps in one entry of the observation: entry 0 moves by 11 in step 0 of episode far"
                                + " (x.csv, row 900), where 99 % of its steps are within 1.");
        assertThat(card("jump-factor = 11").jumps()).isEmpty();
    }

    @Test
    void episodesThatEndAtOnceAreCountedUnlessAllDo() {
        SampleLog.episode("a", new double[] {1}, Ending.TERMINATED).forEach(stats::add);
        assertThat(find(Check.NO_ONE_STEP_EPISODES)).isEmpty();

        SampleLog.episode("b", new double[] {0, 1}, Ending.TERMINATED).forEach(stats::add);
        assertThat(warning(Check.NO_ONE_STEP_EPISODES)).startsWith("1 of 2 episodes terminate with their first step.");
    }

    @Test
    void whatIsDistributedOtherwiseIsNamed() {
        var before = new DatasetStats(RULES);
        for (var i = 0; i < 10; i++) {
            before.add(SampleLog.step("e" + i, 0, new float[] {i, i}, 0, 0));
            stats.add(SampleLog.step("e" + i, 0, new float[] {i, (float) Math.floor(i / 2.0)}, 0, 0));
        }
        var drift = Drift.between("last week", before, "this week", stats);

        // 0 to 4 twice each, where deciles were 0 to 8.
        var byHand = 5 * 0.1 * Math.log(2) + 5 * (1e-4 - 0.1) * Math.log(1e-3);
        assertThat(drift.psi("observation", 1)).isCloseTo(byHand, within(1e-12));
        assertThat(drift.psi("observation", 0)).isZero();
        assertThat(drift.psi("episode_is_open", 0)).isNull();
        var card = new Scorecard(stats, drift, checks(""));
        assertThat(card.warnings())
                .contains(new Scorecard.Warning(
                        Check.NO_DRIFT,
                        "this week has other distributions than last week in 1 of "
                                + drift.shifts().size()
                                + " quantities, by population stability index: observation 1 (3.797)."));
        var other = new DatasetStats(RULES).add(SampleLog.step("e", 0, new float[] {1}, 0, 0));
        assertThatThrownBy(() -> Drift.between("out/other", other, "this dataset", stats))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot compare with out/other: its observation has 1 entries, here there are 2; give another"
                                + " drift-against");
    }

    @Test
    void onlyRequiredChecksFail() {
        SampleLog.episode("a", new double[] {1}, Ending.OPEN).forEach(stats::add);

        assertThat(card("").failures()).isEmpty();
        assertThat(card("require = [few-open-episodes, no-jumps]").failures())
                .extracting(Scorecard.Warning::check)
                .containsExactly(Check.FEW_OPEN_EPISODES);
        assertThatThrownBy(() -> card("require = [no-jump]")).hasMessageContaining("no-jumps");
    }

    private String warning(Check check) {
        return find(check).orElseThrow(() -> new AssertionError("there is no warning of " + check));
    }

    private Optional<String> find(Check check) {
        return card("").warnings().stream()
                .filter(warning -> warning.check() == check)
                .map(Scorecard.Warning::text)
                .findFirst();
    }

    private Scorecard card(String settings) {
        return new Scorecard(stats, null, checks(settings));
    }

    private static CheckConfig checks(String settings) {
        return Settings.read(CheckConfig.class, ConfigFactory.parseString(settings), "");
    }
}
