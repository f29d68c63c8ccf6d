package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.report.ReportData.Facts;
import org.junit.jupiter.api.Test;

class EpisodeTallyTest {
    @Test
    void meanAndSpreadAreThoseOfTheReturns() {
        var tally = new EpisodeTally();
        tally.add(3, 1);
        tally.add(5, 2);
        tally.add(7, 6);

        // Deviations from 3 are -2, -1 and 3: their squares sum to 14, and 14 / 2 is 7.
        assertThat(tally.facts("best")).isEqualTo(new Facts("best", 15, 3, 3, Math.sqrt(7), 6, 1));
    }

    @Test
    void oneEpisodeHasNoSpread() {
        var tally = new EpisodeTally();
        tally.add(4, -2);

        assertThat(tally.facts("one")).isEqualTo(new Facts("one", 4, 1, -2, Double.NaN, -2, -2));
    }

    @Test
    void aReturnThatIsNoNumberIsTheBestAndNotTheWorst() {
        var tally = new EpisodeTally();
        tally.add(1, Double.NaN);
        tally.add(1, 5);

        assertThat(tally.facts("odd").bestReturn()).isNaN();
        assertThat(tally.facts("odd").worstReturn()).isEqualTo(5);
        assertThat(tally.facts("odd").meanReturn()).isNaN();
    }
}
