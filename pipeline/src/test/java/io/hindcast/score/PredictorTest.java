package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import io.hindcast.net.Policy;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What policies decide in many states at once. */
final class PredictorTest {
    private static final Spaces FOUR = new Spaces(3, new ActionSpace.Discrete(4));
    private static final Spaces VECTORS = new Spaces(3, new ActionSpace.Continuous(2, -1, 3));

    private final PlainKernels kernels = new PlainKernels();

    @AfterEach
    void close() {
        kernels.close();
    }

    @ParameterizedTest
    @CsvSource({"dqn, GREEDY", "behaviour-cloning, GREEDY", "behaviour-cloning, SAMPLED", "dqn, SAMPLED"})
    void discreteActionsComeAsOftenAsTheirPropensitySaysAndOnlyWherePossible(String learner, Preference preference) {
        var draws = 4000;
        var decisions = new Decisions(FOUR, draws);
        for (var row = 0; row < draws; row++) {
            System.arraycopy(new float[] {0.3f, -0.2f, 1.5f}, 0, decisions.observations(), row * 3, 3);
            System.arraycopy(new boolean[] {true, false, true, true}, 0, decisions.possible(), row * 4, 4);
            decisions.keys()[row] = new SplittableRandom(row).nextLong();
            decisions.loggedIndices()[row] = row % 2 == 0 ? 2 : -1;
        }
        var rule = new Rule(preference, 0.3, 0, 0);
        predictor(kernels, learner, FOUR, rule).decide(decisions, draws);

        var counts = new int[4];
        for (var row = 0; row < draws; row++) {
            var index = decisions.indices()[row];
            counts[index]++;
            var all = Arrays.copyOfRange(decisions.probabilities(), row * 4, row * 4 + 4);
            assertThat(Arrays.stream(all).sum()).isCloseTo(1, within(1e-9));
            assertThat(all[1]).isZero();
            assertThat(decisions.logs()[row]).isEqualTo(Math.log(all[index]));
            assertThat(decisions.loggedLogs()[row])
                    .isEqualTo(Double.valueOf(row % 2 == 0 ? Math.log(all[2]) : Double.NaN));
            assertThat(all).containsExactly(Arrays.copyOfRange(decisions.probabilities(), 0, 4), within(1e-6));
        }
        for (var a = 0; a < 4; a++) {
            assertThat((double) counts[a] / draws).isCloseTo(decisions.probabilities()[a], within(0.03));
        }
    }

    @ParameterizedTest
    @CsvSource({"behaviour-cloning, true", "behaviour-cloning, false", "cql-continuous, false"})
    void whatIsDecidedDependsOnTheStateItsKeyAndTheSeedAloneToTheLastBit(String learner, boolean isDiscrete) {
        var spaces = isDiscrete ? FOUR : VECTORS;
        var rows = 500;
        var random = new SplittableRandom(5);
        var all = new Decisions(spaces, rows);
        for (var i = 0; i < all.observations().length; i++) {
            all.observations()[i] = (float) random.nextGaussian();
        }
        for (var row = 0; row < rows; row++) {
            all.keys()[row] = random.nextLong();
        }
        var rule = new Rule(Preference.SAMPLED, 0.1, 0, 0);
        try (var fast = new Nd4jKernels()) {
            predictor(fast, learner, spaces, rule).decide(all, rows);
            // Backwards, seven at a time, by another one.
            var other = predictor(fast, learner, spaces, rule);
            var few = new Decisions(spaces, 7);
            for (var from = rows; from > 0; from -= 7) {
                var count = Math.min(7, from);
                for (var i = 0; i < count; i++) {
                    var row = from - 1 - i;
                    System.arraycopy(all.observations(), row * 3, few.observations(), i * 3, 3);
                    few.keys()[i] = all.keys()[row];
                }
                other.decide(few, count);
                for (var i = 0; i < count; i++) {
                    var row = from - 1 - i;
                    assertThat(told(few, spaces, i)).isEqualTo(told(all, spaces, row));
                }
            }
            var again = new Predictor(fast, policy(fast, learner, spaces), Optional.empty(), spaces, rule, 2);
            var first = IntStream.range(0, rows)
                    .mapToObj(row -> told(all, spaces, row))
                    .toList();
            again.decide(all, rows);
            assertThat(IntStream.range(0, rows)
                            .filter(row -> !told(all, spaces, row).equals(first.get(row))))
                    .as("with another seed")
                    .hasSizeGreaterThan(rows / 4);
        }
    }

    @Test
    void aVectorIsAsDenseAsTheActorSaysAndOneThatWasNotLoggedHasNoChance() {
        var decisions = new Decisions(VECTORS, 2);
        Arrays.setAll(decisions.keys(), row -> row);
        for (var i = 0; i < 6; i++) {
            decisions.observations()[i] = 0.1f * i;
        }
        decisions.loggedActions()[0] = 0.25f;
        decisions.loggedActions()[1] = -0.5f;
        var rule = new Rule(Preference.SAMPLED, 0.2, 0, 0);
        predictor(kernels, "behaviour-cloning", VECTORS, rule).decide(decisions, 2);

        var actor = new Actor(kernels, policy(kernels, "behaviour-cloning", VECTORS), VECTORS, 2);
        actor.show(decisions.observations(), null);
        var batch = new Batch(VECTORS, 2);
        for (var k = 0; k < 4; k++) {
            batch.actions()[k] = ((ActionSpace.Continuous) VECTORS.actions())
                    .toUnit(k % 2, decisions.actions()[k]);
        }
        assertThat(decisions.logs())
                .containsExactly(actor.chances(batch, rule).orElseThrow().logs(), within(1e-5));
        System.arraycopy(decisions.loggedActions(), 0, batch.actions(), 0, 2);
        assertThat(decisions.loggedLogs()[0])
                .isCloseTo(actor.chances(batch, rule).orElseThrow().logs()[0], within(1e-5));
        assertThat(decisions.loggedLogs()[1]).isNaN();
        var normal = actor.normal(1).orElseThrow();
        assertThat(Arrays.copyOfRange(decisions.means(), 2, 4)).containsExactly(normal.mean(), within(1e-6));
        assertThat(Arrays.copyOfRange(decisions.deviations(), 2, 4)).containsExactly(normal.std(), within(1e-6));

        predictor(kernels, "td3-bc", VECTORS, Rule.greedy(0)).decide(decisions, 2);
        assertThat(decisions.logs()).containsOnly(Double.NaN);
        assertThat(decisions.loggedLogs()).containsOnly(Double.NaN);
        assertThat(decisions.means()).containsOnly(Double.NaN);
    }

    private static String told(Decisions decisions, Spaces spaces, int row) {
        var size = spaces.actions().size();
        return spaces.actions() instanceof ActionSpace.Discrete
                ? decisions.indices()[row] + " " + decisions.logs()[row] + " "
                        + Arrays.toString(Arrays.copyOfRange(decisions.probabilities(), row * size, (row + 1) * size))
                : Arrays.toString(Arrays.copyOfRange(decisions.actions(), row * size, (row + 1) * size)) + " "
                        + decisions.logs()[row]
                        + Arrays.toString(Arrays.copyOfRange(decisions.means(), row * size, (row + 1) * size));
    }

    private static Predictor predictor(Kernels kernels, String learner, Spaces spaces, Rule rule) {
        return new Predictor(kernels, policy(kernels, learner, spaces), Optional.empty(), spaces, rule, 1);
    }

    private static Policy policy(Kernels kernels, String learner, Spaces spaces) {
        var config = LearnerConfig.read(learner, ConfigFactory.empty(), "test");
        return PolicyLearner.of(config.learner(new LearnerSetup(spaces, 2, 1, kernels, new SplittableRandom(7))))
                .policy();
    }
}
