package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomPolicyTest {
    @Test
    void anEpisodeIsTheSameHoweverManyArePlayed() {
        var ten = RandomPolicy.returns("cartpole", 10, 1000);
        assertThat(RandomPolicy.returns("cartpole", 3, 1000)).isEqualTo(Arrays.copyOf(ten, 3));
        assertThat(RandomPolicy.returns("cartpole", 10, 1001)).isNotEqualTo(ten);
    }

    @Test
    void aPoleUnderRandomPushesFallsAfterSomeTwentySteps() {
        assertThat(Arrays.stream(RandomPolicy.returns("cartpole", 200, 1000))
                        .average()
                        .orElseThrow())
                .isBetween(19.0, 26.0);
    }

    @Test
    void anEpisodeThatReachesNothingEndsWithItsTimeLimit() {
        // 150 steps of -1 at most, in the medium maze.
        assertThat(Arrays.stream(RandomPolicy.returns("pointmass-medium", 20, 1000))
                        .min()
                        .orElseThrow())
                .isEqualTo(-150);
    }
}
