package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceScoresTest {
    @Test
    void aRandomPolicyScoresZeroAndAnExpertAHundred() {
        var reference = new ReferenceScores(-50, 150, ReferenceScores.Measure.RETURN);
        assertThat(reference.score(episode(-50, null))).isEqualTo(0);
        assertThat(reference.score(episode(150, null))).isEqualTo(100);
        // (0 + 50) / 200; and nothing is cut off.
        assertThat(reference.score(episode(0, null))).isEqualTo(25);
        assertThat(reference.score(episode(250, null))).isEqualTo(150);
    }

    @ParameterizedTest
    @CsvSource({
        "gymnasium:HalfCheetah-v4, -280.178953, 12135",
        "gymnasium:HalfCheetah-v5, -280.178953, 12135",
        "gymnasium:d4rl:hopper-medium-replay-v2, -20.272305, 3234.3",
        "gymnasium:Walker2d-v2, 1.629008, 4592.3",
        "gymnasium:Ant-v4, -325.6, 3879.7",
        "gymnasium:AdroitHandPen-v1, 96.262799, 3076.8331017826877",
        "gymnasium:d4rl:hammer-human-v0, -274.856578, 12794.134825156867",
        "gymnasium:d4rl:maze2d-umaze-dense-v1, 68.537689, 193.66285642381482"
    })
    void theReferencesOfD4rlAreKnownByTheNamesThatConfFilesUse(String environment, double min, double max) {
        assertThat(ReferenceScores.of(environment))
                .hasValue(new ReferenceScores(min, max, ReferenceScores.Measure.RETURN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pointmass-medium",
                "cartpole",
                "metaworld-hammer",
                "gymnasium:Humanoid-v4",
                "gymnasium:hammer-v3"
            })
    void anEnvironmentThatD4rlDoesNotHaveHasNoReferences(String environment) {
        assertThat(ReferenceScores.of(environment)).isEmpty();
    }

    @Test
    void inAnAntMazeSuccessScoresAHundredWhateverIsAddedToRewards() {
        var reference = ReferenceScores.of("antmaze-medium-diverse").orElseThrow();
        assertThat(reference.score(episode(-314, true))).isEqualTo(100);
        assertThat(reference.score(episode(1, true))).isEqualTo(100);
        assertThat(reference.score(episode(-1000, false))).isEqualTo(0);
        assertThat(reference.score(episode(-1000, null))).isNull();
    }

    @Test
    void publishedScoresComeOutAgain() {
        // The data of hopper-medium: mean return 1422.06 is published as 44.3.
        var reference = ReferenceScores.of("gymnasium:Hopper-v4").orElseThrow();
        assertThat(reference.score(episode(1422.06, null))).isCloseTo(44.3, within(0.05));
    }

    private static Rollout.Episode episode(double episodeReturn, @Nullable Boolean success) {
        return new Rollout.Episode(0, episodeReturn, 10, true, false, success, List.of());
    }
}
