package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Bounds of a policy's value that hold for any number of episodes. */
class BoundsTest {
    /** Of two actions, logged half and half, the policy takes the first four times in five; they earn 1 with these chances. */
    private static final double[] CHANCES = {0.7, 0.2};

    private static final double VALUE = 0.8 * 0.7 + 0.2 * 0.2;

    private static Episode decision(RandomGenerator random) {
        var action = random.nextInt(2);
        return decision(action == 0 ? 0.8 : 0.2, random.nextDouble() < CHANCES[action] ? 1 : 0);
    }

    private static Episode decision(double policy, double reward) {
        return new Episode.Fold("any", 1)
                .step(new Episode.Step(Math.log(policy), Math.log(0.5), reward))
                .end(Ending.TERMINATED, Double.NaN);
    }

    @Test
    void aConfidenceSequenceMayBeLookedAtEveryNight() {
        var missed = 0;
        for (var k = 0; k < 200; k++) {
            var random = new SplittableRandom(k);
            var sequence = new ConfidenceSequence(0, 1);
            var holds = true;
            for (var night = 0; night < 30; night++) {
                for (var i = 0; i < 30; i++) {
                    sequence.add(decision(random));
                }
                holds &= sequence.interval(0.05).contains(VALUE);
            }
            missed += holds ? 0 : 1;
            assertThat(sequence.interval(0.05).low()).isGreaterThan(VALUE - 0.2);
            assertThat(sequence.interval(0.05).high()).isLessThan(VALUE + 0.2);
        }
        assertThat(missed).isLessThanOrEqualTo(10);
    }

    @Test
    void aSequenceKnowsNothingAtFirst() {
        assertThat(new ConfidenceSequence(-2, 3).interval(0.05)).isEqualTo(new Estimate.Interval(-2, 3));
        assertThat(new CressieRead(-2, 3, 0, 10).interval(0.05)).isEqualTo(new Estimate.Interval(-2, 3));
        assertThat(new ClippedBernstein(-2, List.of(1.0)).lower(0.05)).isEqualTo(-2);
    }

    @Test
    void theBestClipIsTakenAtItsShareOfTheChance() {
        var bound = new ClippedBernstein(0, List.of(0.5, 1.6, 50.0));
        var random = new SplittableRandom(3);
        for (var i = 0; i < 2000; i++) {
            bound.add(decision(random));
        }
        assertThat(bound.lower(0.05)).isEqualTo(bound.lower(1, 0.05 / 3)).isBetween(VALUE - 0.1, VALUE);
    }

    @Test
    void boundsMergeToTheLastBit() {
        var random = new SplittableRandom(4);
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 100; i++) {
            log.add(decision(random));
        }
        var whole = new CressieRead(0, 1, 0, 10);
        log.forEach(whole::add);
        var parts = List.of(new CressieRead(0, 1, 0, 10), new CressieRead(0, 1, 0, 10));
        for (var i = log.size() - 1; i >= 0; i--) {
            parts.get(i % 2).add(log.get(i));
        }
        assertThat(parts.get(0).merge(parts.get(1)).interval(0.1)).isEqualTo(whole.interval(0.1));

        var sequence = new ConfidenceSequence(0, 1);
        log.forEach(sequence::add);
        var nights = List.of(new ConfidenceSequence(0, 1), new ConfidenceSequence(0, 1));
        for (var i = 0; i < log.size(); i++) {
            nights.get(i % 3 % 2).add(log.get(i));
        }
        assertThat(nights.get(1).merge(nights.get(0)).interval(0.1)).isEqualTo(sequence.interval(0.1));

        var bernstein = new ClippedBernstein(0, List.of(1.0));
        log.forEach(bernstein::add);
        assertThat(new ClippedBernstein(0, List.of(1.0)).merge(bernstein).lower(0.1))
                .isEqualTo(bernstein.lower(0.1));
    }

    @Test
    void rewardsOutOfBoundsAreRefused() {
        var reward = decision(0.5, 2);
        assertThatThrownBy(() -> new CressieRead(0, 1, 0, 10).add(reward))
                .hasMessage("Cannot bound the value: episode any has the reward 2.0, which is not from 0.0 to 1.0");
        assertThatThrownBy(() -> new ConfidenceSequence(0, 1).add(reward))
                .hasMessage("Cannot bound the value: episode any has the return 2.0, which is not from 0.0 to 1.0");
        assertThatThrownBy(() -> new ClippedBernstein(3, List.of(1.0)).add(reward))
                .hasMessage("Cannot bound the value: episode any has the return 2.0, below the least one, 3.0");
    }

    @Test
    void aConstantRewardLiesInItsBounds() {
        var bound = new CressieRead(0, 1, 0, 10);
        for (var i = 0; i < 50; i++) {
            bound.add(decision(i % 2 == 0 ? 0.8 : 0.2, 1));
        }
        assertThat(bound.interval(0.05).high()).isEqualTo(1, within(1e-12));
        assertThat(bound.interval(0.05).low()).isBetween(0.8, 1.0);
    }
}
