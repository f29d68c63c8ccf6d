package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FoldTest {
    @Test
    void everyEpisodeIsInOneFoldAndAboutAsManyAreInEach() {
        var counts = new int[3];
        for (var i = 0; i < 3000; i++) {
            var holding = 0;
            for (var k = 0; k < 3; k++) {
                if (new Fold(k, 3).holds("episode-" + i)) {
                    counts[k]++;
                    holding++;
                }
            }
            assertThat(holding).isEqualTo(1);
        }
        // 1,000 give or take four standard deviations.
        for (var count : counts) {
            assertThat(count).isBetween(897, 1103);
        }
    }

    @Test
    void theOthersHaveANameAndWhatIsNotThereIsRefused() {
        assertThat(new Fold(0, 2).othersOf("test")).isEqualTo("test-but-fold-1-of-2");
        assertThatThrownBy(() -> new Fold(2, 2)).hasMessage("Cannot find fold 2 of 2");
    }
}
