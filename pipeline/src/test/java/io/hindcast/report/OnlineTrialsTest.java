package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class OnlineTrialsTest {
    /** Means 1, 3 and 8. */
    private static final OnlineTrials TRIALS =
            new OnlineTrials(List.of(new double[] {8, 8, 8}, new double[] {1, 1}, new double[] {2, 4}));

    @Test
    void theFirstEpisodeChoosesAnyPolicyAndManyChooseTheBest() {
        var curve = TRIALS.curve();

        assertThat(curve).hasSize(20);
        // A policy by chance: (8 + 1 + 3) / 3, of 1000 trials; the standard deviation of one is sqrt(26/3).
        assertThat(curve.get(0).mean()).isEqualTo(4, within(0.4));
        assertThat(curve.get(0).spread()).isEqualTo(Math.sqrt(26 / 3.0), within(0.2));
        // The better of two by chance: 8, 8 or 3, and 1 is never better than 2 or 4.
        assertThat(curve.get(1).mean()).isEqualTo(19 / 3.0, within(0.4));
        assertThat(curve.get(2)).isEqualTo(new OnlineTrials.Chosen(3, 8, 0));
        assertThat(curve).isEqualTo(TRIALS.curve());
    }

    @Test
    void episodesThatDifferMakeChoicesUnsure() {
        // After one episode each the better one, of mean 1, has shown 2 or 0 against 0.5.
        var curve = new OnlineTrials(List.of(new double[] {0, 2}, new double[] {0.5})).curve();

        assertThat(curve.get(1).mean()).isEqualTo(0.75, within(0.03));
        assertThat(curve.get(19).mean()).isGreaterThan(0.85);
    }

    @Test
    void ofTwoThatAreDrawnTheBestIsExpectedToEarn() {
        // Of 9 pairs one is (1, 1), three have 3 as their best, five 8.
        assertThat(TRIALS.bestOf(2)).isEqualTo((1 + 3 * 3 + 5 * 8) / 9.0, within(1e-12));
        assertThat(TRIALS.bestOf(1)).isEqualTo(4, within(1e-12));
    }

    @Test
    void aChoiceIsWorthTheEpisodesThatItTakesToDoAsWell() {
        assertThat(OnlineTrials.worth(TRIALS.curve(), 8)).hasValue(3);
        assertThat(OnlineTrials.worth(TRIALS.curve(), 1)).hasValue(1);
        assertThat(OnlineTrials.worth(TRIALS.curve(), 8.5)).isEmpty();
    }
}
