package io.hindcast.judge.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Episode;
import io.hindcast.judge.Estimator;
import io.hindcast.judge.EstimatorName;
import io.hindcast.judge.Is;
import io.hindcast.judge.LowerBoundName;
import io.hindcast.judge.RatioFeatures;
import io.hindcast.judge.Tail;
import io.hindcast.judge.policy.PolicyValues.Bounds;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.lang3.SerializationUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyValuesTest {
    private static final List<Estimator> IS = List.of(new Is());
    private static final List<Estimator> ALL = Arrays.stream(EstimatorName.values())
            .flatMap(name -> name.candidates(Tail.NOTHING, new RatioFeatures(2, 1)).stream())
            .toList();

    private static final double ALPHA = 0.05;

    /** Of two actions, logged half and half, the policy takes the first four times in five; they earn 1 with these chances. */
    private static final double[] CHANCES = {0.7, 0.2};

    private static final double VALUE = 0.8 * 0.7 + 0.2 * 0.2;

    @Test
    void onlyAConfidenceSequenceMayBeLookedAtEveryNightOfAGrowingLog() {
        var sequencesThatMissed = 0;
        var errorsThatMissed = 0;
        for (var k = 0; k < 200; k++) {
            var random = new SplittableRandom(k);
            var bounds = new Bounds(LowerBoundName.CONFIDENCE_SEQUENCE, 0, 1);
            var known = new PolicyValues(1, 0, IS, bounds);
            var log = new ArrayList<List<Episode>>();
            var holds = true;
            var holdsByErrors = true;
            var last = 0.0;
            for (var night = 0; night < 20; night++) {
                var fresh = new PolicyValues(1, 0, IS, bounds);
                for (var i = 0; i < 30; i++) {
                    var decision = decision(random);
                    log.add(decision);
                    fresh.add(PolicyValues.ALL, decision);
                }
                known.merge(fresh);
                last = known.lowerBounds(PolicyValues.ALL, ALPHA)[0];
                holds &= last <= VALUE;
                var errors = known.second(Bootstrap.NONE);
                log.forEach(decision -> errors.add(PolicyValues.ALL, decision));
                holdsByErrors &=
                        errors.estimates(PolicyValues.ALL, 0, 0.95).get(0).lowerBound(ALPHA) <= VALUE;
            }
            sequencesThatMissed += holds ? 0 : 1;
            errorsThatMissed += holdsByErrors ? 0 : 1;
            assertThat(last).isGreaterThan(VALUE - 0.25);
        }
        assertThat(sequencesThatMissed / 200.0).isLessThanOrEqualTo(ALPHA);
        assertThat(errorsThatMissed / 200.0).isGreaterThan(2 * ALPHA);
    }

    @Test
    void cressieReadHoldsWhereRewardsAreRare() {
        var missed = 0;
        var sum = 0.0;
        for (var k = 0; k < 500; k++) {
            var random = new SplittableRandom(k);
            var values = new PolicyValues(1, 0, IS, new Bounds(LowerBoundName.CRESSIE_READ, 0, 1));
            for (var i = 0; i < 500; i++) {
                // One in a hundred earns something; the policy does more of what earns.
                var action = random.nextDouble() < 0.1 ? 0 : 1;
                var reward = random.nextDouble() < (action == 0 ? 0.05 : 0.005) ? 1 : 0;
                values.add(PolicyValues.ALL, List.of(decision(action == 0 ? 5 : 0.5 / 0.9, reward)));
            }
            var bound = values.lowerBounds(PolicyValues.ALL, ALPHA)[0];
            sum += bound;
            missed += bound <= 0.5 * 0.05 + 0.5 * 0.005 ? 0 : 1;
        }
        assertThat(missed / 500.0).isLessThanOrEqualTo(ALPHA);
        assertThat(sum / 500).isGreaterThan(0.002);
    }

    @Test
    void whatCannotBeEarnedIsRefused() {
        var values = new PolicyValues(1, 0, IS, new Bounds(LowerBoundName.CRESSIE_READ, 0, 1));

        assertThatThrownBy(() -> values.add(PolicyValues.ALL, List.of(decision(1, 2))))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot bound the value: episode any has the reward 2.0, which is not from 0.0 to 1.0; mend"
                        + " judge.least-return or judge.most-return");
    }

    /** Two policies with models, in three groups. */
    @ParameterizedTest
    @EnumSource
    void whatIsKeptDoesNotGrowWithTheLog(LowerBoundName bound) {
        assertThat(bytesKept(bound, 10_000)).isEqualTo(bytesKept(bound, 1_000));
    }

    private static List<Integer> bytesKept(LowerBoundName bound, int episodes) {
        var random = new SplittableRandom(episodes);
        var log = new ArrayList<List<Episode>>();
        for (var i = 0; i < episodes; i++) {
            var id = "episode " + i;
            log.add(List.of(modelled(id, random), modelled(id, random)));
        }
        var values = new PolicyValues(2, 0, ALL, new Bounds(bound, 0, 1));
        for (var i = 0; i < episodes; i++) {
            values.add(List.of("group " + i % 3), log.get(i));
            values.chosen(random.nextInt(2), Math.log(0.5));
        }
        var errors = values.second(new Bootstrap(1, 50));
        for (var i = 0; i < episodes; i++) {
            errors.add(List.of("group " + i % 3), log.get(i));
        }
        return List.of(SerializationUtils.serialize(values).length, SerializationUtils.serialize(errors).length);
    }

    private static Episode modelled(String id, SplittableRandom random) {
        var weight = random.nextDouble() + 0.5;
        return new Episode.Fold(id, 1)
                .step(new Episode.Step(
                        Math.log(weight), 0, random.nextInt(2), 1, random.nextDouble(), random.nextDouble()))
                .end(Ending.TERMINATED, Double.NaN);
    }

    private static List<Episode> decision(SplittableRandom random) {
        var action = random.nextInt(2);
        return List.of(decision(action == 0 ? 1.6 : 0.4, random.nextDouble() < CHANCES[action] ? 1 : 0));
    }

    private static Episode decision(double weight, double reward) {
        return new Episode.Fold("any", 1)
                .step(new Episode.Step(Math.log(weight), 0, reward))
                .end(Ending.TERMINATED, Double.NaN);
    }
}
