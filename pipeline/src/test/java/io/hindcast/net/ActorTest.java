package io.hindcast.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.kernel.SquashedGaussian;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies of every kind, asked in one way. */
final class ActorTest {
    private static final Spaces FOUR = new Spaces(2, new ActionSpace.Discrete(4));
    private static final Spaces VECTORS = new Spaces(2, new ActionSpace.Continuous(2, -1, 3));
    private static final float[] SEEN = {0.3f, -0.2f, 1.5f, 0.4f};

    private final PlainKernels kernels = new PlainKernels();

    @AfterEach
    void close() {
        kernels.close();
    }

    @ParameterizedTest
    @CsvSource({"dqn, GREEDY", "behaviour-cloning, GREEDY", "behaviour-cloning, SAMPLED"})
    void discreteActionsComeAsOftenAsItSaysAndOnlyWherePossible(String learner, Preference preference) {
        var actor = new Actor(kernels, policy(learner, FOUR), FOUR, 2);
        actor.show(SEEN, new boolean[] {true, true, true, true, false, true, false, true});
        var random = new SplittableRandom(1);
        var counts = new int[4];
        var logs = new double[4];
        var draws = 4000;
        for (var i = 0; i < draws; i++) {
            var choice = actor.choose(1, new Rule(preference, 0.3, 0, 0), random);
            var index = ((Action.Index) choice.action()).index();
            counts[index]++;
            logs[index] = choice.logProbability().getAsDouble();
        }
        assertThat(counts[0] + counts[2]).isZero();
        for (var k : new int[] {1, 3}) {
            assertThat((double) counts[k] / draws).isCloseTo(Math.exp(logs[k]), within(0.04));
        }
        assertThat(Math.exp(logs[1]) + Math.exp(logs[3])).isCloseTo(1, within(1e-9));
    }

    @Test
    void probabilitiesAreThoseAmongWhatIsPossible() {
        var actor = new Actor(kernels, policy("behaviour-cloning", FOUR), FOUR, 2);
        actor.show(SEEN, null);
        var all = actor.probabilities(1).orElseThrow();
        actor.show(SEEN, new boolean[] {true, true, true, true, false, true, false, true});
        var some = actor.probabilities(1).orElseThrow();
        assertThat(some[0] + some[2]).isZero();
        assertThat(some[1]).isCloseTo(all[1] / (all[1] + all[3]), within(1e-9));
        assertThat(actor.probabilities(0).orElseThrow()).doesNotContain(0.0);

        var batch = new Batch(FOUR, 2);
        batch.actionIndices()[1] = 3;
        assertThat(actor.likelihood().orElseThrow().logProbability(batch)[1])
                .isCloseTo((float) Math.log(some[3]), within(1e-6f));
        assertThat(new Actor(kernels, policy("dqn", FOUR), FOUR, 1).likelihood())
                .isEmpty();
    }

    @Test
    void aDeterministicPolicyHasNoLikelihoodAndItsNoiseIsCut() {
        var actor = new Actor(kernels, policy("td3-bc", VECTORS), VECTORS, 2);
        actor.show(SEEN, null);
        assertThat(actor.likelihood()).isEmpty();
        var plain = ((Action.Vector) actor.greedy(0)).values();
        var random = new SplittableRandom(2);
        for (var i = 0; i < 100; i++) {
            var choice = actor.choose(0, new Rule(Preference.GREEDY, 0, 0.5, 0.1), random);
            assertThat(choice.logProbability()).isEmpty();
            var noisy = ((Action.Vector) choice.action()).values();
            for (var j = 0; j < 2; j++) {
                // Half the range of an entry is 2.
                assertThat(noisy[j]).isCloseTo(plain[j], within(0.2001f)).isNotEqualTo(plain[j]);
            }
        }
    }

    @Test
    void theScalerIsInside() {
        var policy = policy("behaviour-cloning", VECTORS);
        var scaler = new Scaler(List.of(1.0, -1.0), List.of(0.5, 4.0), 0);
        var scaled = new Actor(kernels, ScaledPolicy.behind(Optional.of(scaler), kernels, policy), VECTORS, 2);
        var plain = new Actor(kernels, ScaledPolicy.behind(Optional.empty(), kernels, policy), VECTORS, 2);
        scaled.show(SEEN, null);
        var standardised = SEEN.clone();
        scaler.scale(standardised, 0, 2, 2);
        plain.show(standardised, null);
        assertThat(scaled.output()).isEqualTo(plain.output());
        var batch = new Batch(VECTORS, 2);
        assertThat(scaled.likelihood().orElseThrow().logProbability(batch).clone())
                .isEqualTo(plain.likelihood().orElseThrow().logProbability(batch));
    }

    @Test
    void aSquashedPolicyTellsOfAnyActionWhatItTellsOfThoseItDraws() {
        var random = new SplittableRandom(4);
        var rows = 50;
        var output = numbers(random, rows * 4, 1);
        var noise = numbers(random, rows * 2, 1);
        var actions = new float[rows * 2];
        var drawn = new float[rows];
        SquashedGaussian.sample(output, 2, 1, -5, 2, noise, actions, drawn);
        var told = new float[rows];
        SquashedGaussian.logProbability(output, 2, -5, 2, actions, told);
        for (var b = 0; b < rows; b++) {
            var isInside = Math.abs(actions[2 * b]) < 0.99 && Math.abs(actions[2 * b + 1]) < 0.99;
            if (isInside) {
                assertThat(told[b]).isCloseTo(drawn[b], within(1e-3f));
            }
            assertThat(told[b]).isFinite();
        }
        SquashedGaussian.logProbability(output, 2, -5, 2, numbers(random, rows * 2, 0), told);
        SquashedGaussian.logProbability(Arrays.copyOf(output, 4), 2, -5, 2, new float[] {1, -1}, drawn = new float[1]);
        assertThat(drawn[0]).isFinite();
        assertThat(new Actor(kernels, policy("cql-continuous", VECTORS), VECTORS, 1).likelihood())
                .isPresent();
    }

    private static float[] numbers(SplittableRandom random, int count, double size) {
        var numbers = new float[count];
        IntStream.range(0, count).forEach(i -> numbers[i] = (float) (size * random.nextGaussian()));
        return numbers;
    }

    private Policy policy(String learner, Spaces spaces) {
        var config = LearnerConfig.read(learner, ConfigFactory.empty(), "test");
        return config.learner(new LearnerSetup(spaces, 2, 1, kernels, new SplittableRandom(7)))
                .policy();
    }
}
