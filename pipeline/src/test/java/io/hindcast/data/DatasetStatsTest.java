package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetStatsTest {
    private static final List<Transition> LOG = List.of(
            transition(new float[] {1, 0}, 0, 0, Math.log(0.5)),
            transition(new float[] {3, 0}, 1, 1, null),
            transition(new float[] {5, 0}, 2, 0, Math.log(0.25)),
            transition(new float[] {7, 0}, 3, 1, null));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void whereTheRowsAreCutDoesNotMatter(int cut) {
        var left = new DatasetStats();
        var right = new DatasetStats();
        LOG.subList(0, cut).forEach(left::add);
        LOG.subList(cut, 4).forEach(right::add);
        left.merge(right);

        var observation = left.moments().get("observation");
        assertThat(observation).hasSize(2);
        assertThat(observation.get(0).mean()).isEqualTo(4);
        assertThat(observation.get(0).standardDeviation()).isCloseTo(Math.sqrt(5), within(1e-12));
        assertThat(left.of("action_index"))
                .extracting(Moments::min, Moments::max)
                .containsExactly(0.0, 3.0);
        assertThat(left.of("reward").onlyZeroAndOne()).isTrue();
        assertThat(left.of("propensity").count()).isEqualTo(2);
        assertThat(left.of("propensity").mean()).isCloseTo(0.375, within(1e-12));
        assertThat(left.of("episode_return").count()).isZero();
        assertThat(left.moments()).doesNotContainKey("action");
    }

    @Test
    void aRewardOfOneHalfIsNoClick() {
        assertThat(Moments.of(0).plus(1).plus(1).onlyZeroAndOne()).isTrue();
        assertThat(Moments.of(0).plus(1).plus(0.5).onlyZeroAndOne()).isFalse();
        assertThat(Moments.of(0).plus(-1).onlyZeroAndOne()).isFalse();
        assertThat(Moments.EMPTY.onlyZeroAndOne()).isFalse();
    }

    private static Transition transition(float[] observation, int action, double reward, Double logProbability) {
        return new Transition(
                "a",
                0,
                observation,
                new Action.Index(action),
                reward,
                observation,
                false,
                false,
                logProbability,
                null,
                null,
                null,
                "a.csv",
                0);
    }
}
