package io.hindcast.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stats.DatasetStats.Ending;
import io.hindcast.stats.DatasetStats.Place;
import io.hindcast.stats.DatasetStats.Rules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetStatsTest {
    private static final Rules RULES = new Rules(0.5, List.of(), List.of(), -1, 1);

    @Test
    void anEpisodeIsSummedUpByHand() {
        var stats = new DatasetStats(RULES);
        SampleLog.episode("a", new double[] {1, 2, 4}, Ending.TERMINATED).forEach(stats::add);
        SampleLog.episode("b", new double[] {0}, Ending.OPEN).forEach(stats::add);

        assertThat(stats.transitions()).isEqualTo(4);
        assertThat(stats.episodes()).isEqualTo(2);
        assertThat(stats.of("episode_return").max()).isEqualTo(7);
        assertThat(stats.of("episode_discounted_return").max()).isEqualTo(1 + 2 * 0.5 + 4 * 0.25);
        assertThat(stats.of("episode_length").mean()).isEqualTo(2);
        assertThat(stats.zeroRewards()).isEqualTo(1);
        assertThat(stats.rewardValues()).isEqualTo(Map.of(0.0, 1L, 1.0, 1L, 2.0, 1L, 4.0, 1L));
        assertThat(stats.episodes(Ending.TERMINATED)).isEqualTo(1);
        assertThat(stats.episodes(Ending.OPEN)).isEqualTo(1);
        // Observations 0, 1, 2 and 0; what follows the terminal step is not looked at.
        assertThat(stats.vector("observation").get(0).mean()).isEqualTo(0.75);
        assertThat(stats.vector("step_difference").get(0).count()).isEqualTo(3);
        assertThat(stats.of("step_length").max()).isEqualTo(1);
        assertThat(stats.of("propensity").count()).isZero();
    }

    @Test
    void timeBetweenStepsDiscountsAsManyTimes() {
        var stats = new DatasetStats(RULES);
        SampleLog.episode("a", new double[] {1, 1}, Ending.OPEN).stream()
                .map(step -> SampleLog.withTime(step, 3.0))
                .forEach(stats::add);

        assertThat(stats.of("episode_discounted_return").max()).isEqualTo(1 + 0.125);
        assertThat(stats.of("time_delta").count()).isEqualTo(2);
    }

    @Test
    void propensitiesAreOfNumberedActionsOnly() {
        var stats = new DatasetStats(RULES);
        SampleLog.decision("a", 0, 0.5, stats::add);
        SampleLog.decision("b", 3, 0.25, stats::add);

        assertThat(stats.of("propensity").mean()).isCloseTo(0.375, within(1e-15));
        assertThat(stats.of("inverse_propensity").mean()).isCloseTo(3, within(1e-12));
        assertThat(stats.of("action_index").max()).isEqualTo(3);
        assertThat(stats.vector("action")).isEmpty();
    }

    @Test
    void actionsAtTheirBoundsAreCounted() {
        var stats = new DatasetStats(RULES);
        for (var action : new float[] {-1, -0.99f, 0, 1, 1}) {
            stats.add(SampleLog.step("e" + action + stats.transitions(), 0, new float[] {0}, action, 0));
        }
        assertThat(stats.atLow(0)).isEqualTo(1);
        assertThat(stats.atHigh(0)).isEqualTo(2);
    }

    @Test
    void equalEntriesAreFoundOut() {
        var stats = new DatasetStats(RULES);
        for (var i = 0; i < 600; i++) {
            // Entry 2 has the values of entry 0 in other rows; the action repeats entry 0.
            stats.add(SampleLog.step("e" + i, 0, new float[] {i % 7, 7, (i + 1) % 7, i % 7}, i % 7, 0));
        }
        var entries = stats.vector("observation");

        assertThat(entries.get(3).isSameInEveryRow(entries.get(0))).isTrue();
        assertThat(stats.vector("action").get(0).isSameInEveryRow(entries.get(0)))
                .isTrue();
        assertThat(entries.get(2).isSameInEveryRow(entries.get(0))).isFalse();
        assertThat(entries.get(1).isConstant()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 19, 20})
    void whereEpisodesAreCutDoesNotMatter(int cut) {
        var log = log(20);
        var reversed = new ArrayList<>(log);
        java.util.Collections.reverse(reversed);
        var left = stats(log.subList(0, cut));
        var right = stats(log.subList(cut, 20));
        var whole = stats(log).bytes();

        assertThat(stats(log.subList(cut, 20)).merge(left).bytes()).isEqualTo(whole);
        assertThat(left.merge(right).bytes()).isEqualTo(whole);
        assertThat(stats(reversed).bytes()).isEqualTo(whole);
        assertThat(DatasetStats.of(whole).bytes()).isEqualTo(whole);
        assertThat(new DatasetStats(RULES).merge(DatasetStats.of(whole)).bytes())
                .isEqualTo(whole);
    }

    @Test
    void theLargestStepsAreKeptWithTheirPlaces() {
        var stats = stats(log(20));

        // Episode i walks in steps of i / 8, its first row is row 100 i.
        assertThat(stats.largestSteps(0)).hasSize(LargestSteps.KEPT);
        assertThat(stats.largestSteps(0).get(0)).isEqualTo(new Place(19 / 8.0, "e19", 0, "x.csv", 1900));
    }

    @Test
    void aCutEpisodeIsRefused() {
        var steps = SampleLog.episode("a", new double[] {1, 2}, Ending.OPEN);
        assertThatThrownBy(() -> new DatasetStats(RULES).add(steps.get(1)))
                .hasMessage("Cannot describe episode a: step 1 comes where step 0 was due");
        assertThatThrownBy(() ->
                        new DatasetStats(RULES).add(steps.get(0)).add(SampleLog.step("b", 0, new float[] {0, 0}, 0, 0)))
                .hasMessage("Cannot describe a dataset: observation has 2 entries where others have 1");
    }

    @Test
    void everyEntryOfAnActionIsCountedAtItsOwnBounds() {
        var rules = new Rules(0.5, List.of(), List.of(), List.of(18.0, 0.0), List.of(26.0, 1.0));
        var stats = new DatasetStats(rules);
        var log = List.of(new float[] {18, 0.5f}, new float[] {26, 1}, new float[] {1, 1});
        for (var i = 0; i < log.size(); i++) {
            var step = SampleLog.step("e" + i, 0, new float[] {0}, 0, 0);
            stats.add(SampleLog.withAction(step, new Action.Vector(log.get(i))));
        }
        assertThat(List.of(stats.atLow(0), stats.atHigh(0))).containsExactly(2L, 1L);
        assertThat(List.of(stats.atLow(1), stats.atHigh(1))).containsExactly(0L, 2L);

        var read = DatasetStats.of(stats.bytes());
        assertThat(read.rules()).isEqualTo(rules);
        assertThat(read.bytes()).isEqualTo(stats.bytes());
        assertThat(stats.bytes()[8]).isEqualTo((byte) 2);
        assertThat(stats(log(3)).bytes()[8]).isEqualTo((byte) 1);
    }

    @Test
    void aDamagedStateIsRefused() {
        var bytes = stats(log(3)).bytes();

        assertThatThrownBy(() -> DatasetStats.of(Arrays.copyOf(bytes, 100)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Cannot read the state of statistics: it ends");
        assertThatThrownBy(() -> DatasetStats.of(new byte[20]))
                .hasMessage("Cannot read the state of statistics: it does not begin with HDCSTATS");
        var newer = bytes.clone();
        newer[8] = 3;
        assertThatThrownBy(() -> DatasetStats.of(newer))
                .hasMessage("Cannot read the state of statistics: it has format 3, this hindcast reads 1 and 2");
        assertThatThrownBy(() -> DatasetStats.of(Arrays.copyOf(bytes, bytes.length + 1)))
                .hasMessage("Cannot read the state of statistics: 1 bytes are left over");
    }

    private static List<List<Transition>> log(int episodes) {
        var log = new ArrayList<List<Transition>>();
        for (var i = 0; i < episodes; i++) {
            log.add(SampleLog.walk("e" + i, 1 + 37 * i % 11, i / 8.0f, 100L * i));
        }
        return log;
    }

    private static DatasetStats stats(List<List<Transition>> log) {
        var stats = new DatasetStats(RULES);
        log.forEach(episode -> episode.forEach(stats::add));
        return stats;
    }
}
