package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NStepTest {
    /** Rewards 1, 10, 100, 1000, which take 1, 2, 0.5 and 1; step 2 ends what it belongs to. */
    private static final NStep.Steps STEPS = new NStep.Steps() {
        @Override
        public double reward(int step) {
            return List.of(1, 10, 100, 1000).get(step);
        }

        @Override
        public float duration(int step) {
            return List.of(1f, 2f, 0.5f, 1f).get(step);
        }

        @Override
        public boolean goesOn(int step) {
            return step < 2;
        }
    };

    @Test
    void aStepByItselfIsWhatItWas() {
        assertThat(new NStep(1, 0.5).fold(STEPS, 1)).isEqualTo(new NStep.Folded(10, 2, 1));
    }

    @Test
    void whatIsEarnedLaterIsDiscountedByTheTimeBeforeIt() {
        assertThat(new NStep(2, 0.5).fold(STEPS, 0)).isEqualTo(new NStep.Folded(1 + 10 * 0.5, 3, 1));
        assertThat(new NStep(3, 0.5).fold(STEPS, 0)).isEqualTo(new NStep.Folded(1 + 5 + 100 * 0.125, 3.5f, 2));
        assertThat(new NStep(2, 0.5).fold(STEPS, 1)).isEqualTo(new NStep.Folded(10 + 100 * 0.25, 2.5f, 2));
    }

    @Test
    void nothingIsAddedBehindTheStepThatEndsIt() {
        assertThat(new NStep(9, 0.5).fold(STEPS, 1)).isEqualTo(new NStep(2, 0.5).fold(STEPS, 1));
        assertThat(new NStep(9, 0.5).fold(STEPS, 2)).isEqualTo(new NStep.Folded(100, 0.5f, 2));
    }
}
