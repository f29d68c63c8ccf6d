package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CategoricalTest {
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @Test
    void likelyIsWhatHasMoreThanAShareOfTheLargestProbability() {
        // Probabilities 1/2, 1/4, 1/4.
        var logits = new float[] {(float) Math.log(2), 0, 0};
        assertThat(likely(logits, 0.49, null)).containsExactly(true, true, true);
        assertThat(likely(logits, 0.51, null)).containsExactly(true, false, false);
        assertThat(likely(logits, 0.51, new boolean[] {false, true, false})).containsExactly(false, true, false);
    }

    @Test
    void whereLogitsAreNotFiniteAllThatIsPossibleIsLikely() {
        assertThat(likely(new float[] {NAN, NAN, NAN}, 0.3, null)).containsExactly(true, true, true);
        assertThat(likely(new float[] {NAN, 1, 2}, 0.3, new boolean[] {true, true, false}))
                .containsExactly(true, true, false);
        assertThat(likely(new float[] {INFINITY, 1, -INFINITY}, 0.3, null)).containsExactly(true, true, true);
    }

    @Test
    void withAShareOf0AllThatIsPossibleIsLikelyHoweverSmallItsProbability() {
        // e^-2000 is 0 in a double.
        var logits = new float[] {1000, -1000, 999};
        assertThat(likely(logits, 0, null)).containsExactly(true, true, true);
        assertThat(likely(logits, 0, new boolean[] {true, true, false})).containsExactly(true, true, false);
        assertThat(likely(logits, 1e-9, null)).containsExactly(true, false, true);
    }

    private static boolean[] likely(float[] logits, double share, boolean @Nullable [] possible) {
        var distribution = new Categorical(1, logits.length);
        distribution.load(logits, possible);
        var likely = new boolean[logits.length];
        distribution.likely(share, likely);
        return likely;
    }
}
