package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.ReplayBuffer.Range;
import org.junit.jupiter.api.Test;

final class HealthCheckTest {
    /** Rewards of -5 and a discount of 0.99 allow -500, and values that miss by 5 million a loss of 2.5e13. */
    @Test
    void aLossIsSaneUpToTenThousandTimesWhatTheDataAllowsWhetherTheRunActsOrNot() {
        var rewards = new Range(-500, -5);
        for (var check : new HealthCheck[] {HealthCheck.of(rewards), HealthCheck.ofRunThatActs(rewards)}) {
            assertThat(check.diverged(2.4e13)).isFalse();
            assertThat(check.diverged(-2.4e13)).isFalse();
            assertThat(check.diverged(2.6e13)).isTrue();
            assertThat(check.diverged(Double.NaN)).isTrue();
        }
    }

    /** As if it were 1: of a learner without rewards, of small ones, and of a run that acts without a dataset. */
    @Test
    void whereNothingOrLittleIsAttainableItIsTakenFor1() {
        var infinite = Double.POSITIVE_INFINITY;
        for (var range :
                new Range[] {new Range(-infinite, infinite), new Range(-0.1, 0), new Range(infinite, -infinite)}) {
            for (var check : new HealthCheck[] {HealthCheck.of(range), HealthCheck.ofRunThatActs(range)}) {
                assertThat(check.diverged(0.9e8)).isFalse();
                assertThat(check.diverged(1.1e8)).isTrue();
            }
        }
    }
}
