package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SubsetEpisodesTest {
    @Test
    void everyEpisodeHasTheLengthThatWasGivenLast() {
        var random = new Random(1);
        var expected = new HashMap<String, Long>();
        var episodes = new SubsetEpisodes();
        for (var i = 0; i < 20_000; i++) {
            var id = "é".repeat(random.nextInt(200)) + random.nextInt(10_000);
            var length = random.nextLong() >>> random.nextInt(1, 64);
            expected.put(id, length);
            assertThat(episodes.add(id, length)).isTrue();
        }
        expected.put("", 7L);
        episodes.add("", 7);
        expected.forEach((id, length) -> assertThat(episodes.length(id)).as(id).isEqualTo(length));
        assertThat(episodes.length("another")).isZero();
    }

    @Test
    void anEpisodeThatWasNotAddedHasNoTransitions() {
        var episodes = new SubsetEpisodes();
        assertThat(episodes.length("")).isZero();
        episodes.add("a", 3);
        assertThat(episodes.length("")).isZero();
        assertThat(episodes.length("a")).isEqualTo(3);
        assertThat(episodes.length("aa")).isZero();
    }
}
