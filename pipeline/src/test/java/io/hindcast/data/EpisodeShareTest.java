package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EpisodeShareTest {
    @Test
    void itIsTheBeginningOfTheHashOfThePurposeTheSeedAndTheEpisode() {
        // printf %s split:7:e1 | sha256sum begins with 23d74ec360251317
        assertThat(EpisodeShare.of("split", 7, "e1")).isEqualTo(0x47ae9d86c04a2L * 0x1p-53);
        assertThat(EpisodeShare.of("sample", 7, "e1")).isNotEqualTo(EpisodeShare.of("split", 7, "e1"));
        assertThat(EpisodeShare.of("split", 8, "e1")).isNotEqualTo(EpisodeShare.of("split", 7, "e1"));
    }

    @Test
    void aShareOfManyEpisodesLiesBelowIt() {
        var below = IntStream.range(0, 10_000)
                .filter(i -> EpisodeShare.of("split", 0, "episode " + i) < 0.3)
                .count();
        // The standard deviation is 46.
        assertThat((double) below).isEqualTo(3_000, within(230.0));
    }
}
