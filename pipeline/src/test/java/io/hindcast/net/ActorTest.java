package io.hindcast.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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

    @Test
    void anImpossibleActionIsNeverChosenAndTheGreedyOneOfTiesIsOne() {
        var policy = policy("dqn", FOUR);
        Arrays.fill(policy.parameters().values(), 0);
        policy.refresh();
        var actor = new Actor(kernels, policy, FOUR, 2);
        actor.show(SEEN, new boolean[] {true, true, true, true, false, true, false, true});
        var batch = new Batch(FOUR, 2);
        // Values are all 0: the first that is possible is taken, and by chance any of the possible ones.
        assertThat(logs(actor, batch, Rule.greedy(0))).containsExactly(0, Double.NEGATIVE_INFINITY);
        assertThat(logs(actor, batch, Rule.greedy(0.2)))
                .containsExactly(Math.log(0.8 + 0.05), Double.NEGATIVE_INFINITY);
        batch.actionIndices()[0] = 2;
        batch.actionIndices()[1] = 1;
        assertThat(logs(actor, batch, Rule.greedy(0))).containsExactly(Double.NEGATIVE_INFINITY, 0);
        assertThat(logs(actor, batch, Rule.greedy(0.2))).containsExactly(Math.log(0.05), Math.log(0.1 + 0.8));
    }

    @Test
    void chancesOfDrawnVectorsAreThoseOfANormalCutToItsBoundsInTheUnitsOfTheLog() {
        var actor = new Actor(kernels, policy("behaviour-cloning", VECTORS), VECTORS, 2);
        actor.show(SEEN, null);
        var normal = actor.normal(1).orElseThrow();
        assertThat(normal.kept()).isEqualTo(Normal.Kept.CUT);
        var batch = new Batch(VECTORS, 2);
        batch.actions()[2] = 0.25f;
        batch.actions()[3] = 1;
        var chances =
                actor.chances(batch, new Rule(Preference.SAMPLED, 0, 0, 0)).orElseThrow();
        // Half the range of an entry is 2; the second entry counts by the probability of all that is cut to its bound.
        var z = (0.25 - normal.mean()[0]) / normal.std()[0];
        var density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) / normal.std()[0] / 2;
        var probability = 0.5 * Erf.erfc((1 - normal.mean()[1]) / normal.std()[1] / Math.sqrt(2));
        assertThat(chances.logs()[1]).isCloseTo(Math.log(density * probability), within(1e-6));
        assertThat(chances.points()).containsExactly(0, 1);
    }

    /** Rules, and the learner whose policy they choose from. */
    private static Stream<Arguments> rules() {
        return Stream.of(
                arguments("behaviour-cloning", new Rule(Preference.SAMPLED, 0, 0, 0)),
                arguments("behaviour-cloning", new Rule(Preference.SAMPLED, 0.3, 0, 0)),
                arguments("behaviour-cloning", new Rule(Preference.GREEDY, 0.1, 0.4, 0.5)),
                arguments("cql-continuous", new Rule(Preference.SAMPLED, 0, 0, 0)),
                arguments("cql-continuous", new Rule(Preference.SAMPLED, 0.2, 0, 0)),
                arguments("cql-continuous", new Rule(Preference.GREEDY, 0, 0.7, 5)),
                arguments("td3-bc", new Rule(Preference.GREEDY, 0, 0.2, 0.3)),
                arguments("td3-bc", new Rule(Preference.SAMPLED, 0, 1.5, Double.POSITIVE_INFINITY)),
                arguments("td3-bc", new Rule(Preference.GREEDY, 0.25, 0, 0)));
    }

    /** The density between the bounds, and the probabilities of points, of actions of one entry. */
    @ParameterizedTest
    @MethodSource("rules")
    void chancesSumUpToOneAndAreThoseOfWhatIsChosen(String learner, Rule rule) {
        for (var space : List.of(
                new ActionSpace.Continuous(1, -1, 1),
                new ActionSpace.Continuous(1, -1, 3),
                new ActionSpace.Continuous(1, 100, 100.1))) {
            var spaces = new Spaces(2, space);
            var actor = new Actor(kernels, policy(learner, spaces), spaces, 1);
            actor.show(new float[] {0.3f, -2}, null);
            var cells = 4000;
            var total = 0.0;
            var below = 0.0; // probability of what is below the middle
            for (var i = 0; i < cells; i++) {
                var unit = (i + 0.5) / cells * 2 - 1;
                var chances = chances(actor, spaces, (float) unit, rule);
                if (chances.points()[0] == 0) {
                    total += Math.exp(chances.logs()[0]) * 2 * space.halfRange(0) / cells;
                }
                below = i == cells / 2 - 1 ? total : below;
            }
            var greedy = space.toUnit(0, ((Action.Vector) actor.greedy(0)).values()[0]);
            for (var point : new TreeSet<>(List.of(
                    unit(space, -1),
                    unit(space, 1),
                    unit(space, greedy),
                    unit(space, greedy - rule.noiseClip()),
                    unit(space, greedy + rule.noiseClip())))) {
                var chances = chances(actor, spaces, point, rule);
                if (chances.points()[0] == 1) {
                    total += Math.exp(chances.logs()[0]);
                    below += point < 0 ? Math.exp(chances.logs()[0]) : 0;
                }
            }
            assertThat(total).as("in %s", space).isCloseTo(1, within(2e-3));

            var random = new SplittableRandom(3);
            var draws = 20_000;
            var drawnBelow = 0;
            for (var i = 0; i < draws; i++) {
                var action = ((Action.Vector) actor.choose(0, rule, random).action()).values()[0];
                drawnBelow += space.toUnit(0, action) < 0 ? 1 : 0;
                if (i < 100) {
                    assertThat(chances(actor, spaces, space.toUnit(0, action), rule)
                                    .logs()[0])
                            .isFinite();
                }
            }
            assertThat((double) drawnBelow / draws).as("in %s", space).isCloseTo(below, within(0.015));
        }
    }

    @Test
    void whatIsRoundedToABoundByItsTanhCountsAsAtIt() {
        var spaces = new Spaces(2, new ActionSpace.Continuous(1, -1, 1));
        var policy = policy("cql-continuous", spaces);
        var values = policy.parameters().values();
        Arrays.fill(values, 0);
        // The last two parameters are the biases of the network's output: mean 9 and log standard deviation 0.
        values[values.length - 2] = 9;
        policy.refresh();
        var actor = new Actor(kernels, policy, spaces, 1);
        actor.show(new float[2], null);
        assertThat(actor.normal(0).orElseThrow().mean()).containsExactly(9);
        assertThat(actor.normal(0).orElseThrow().std()).containsExactly(1);
        var chances = chances(actor, spaces, 1, new Rule(Preference.SAMPLED, 0, 0, 0));
        // 1 - 2^-25 is the tanh of ln(2^26 - 1) / 2.
        var least = 0.5 * Math.log(Math.pow(2, 26) - 1);
        assertThat(chances.points()).containsExactly(1);
        assertThat(chances.logs()[0]).isCloseTo(Math.log(0.5 * Erf.erfc((least - 9) / Math.sqrt(2))), within(1e-6));
    }

    @Test
    void aVectorThatIsAlwaysTheSameHasNoChanceAndOneDrawnAndDisturbedHasNoneThatCanBeTold() {
        for (var learner : List.of("td3-bc", "behaviour-cloning", "cql-continuous")) {
            var actor = new Actor(kernels, policy(learner, VECTORS), VECTORS, 2);
            actor.show(SEEN, null);
            var batch = new Batch(VECTORS, 2);
            assertThat(actor.chances(batch, Rule.greedy(0))).isEmpty();
            assertThat(actor.normal(0).isPresent()).isEqualTo(!learner.equals("td3-bc"));
            assertThat(actor.chances(batch, new Rule(Preference.SAMPLED, 0, 0.1, 0.5))
                            .isPresent())
                    .isEqualTo(learner.equals("td3-bc"));
        }
    }

    private static double[] logs(Actor actor, Batch batch, Rule rule) {
        var chances = actor.chances(batch, rule).orElseThrow();
        assertThat(chances.points()).containsOnly(0);
        return chances.logs();
    }

    private static Chances chances(Actor actor, Spaces spaces, float unit, Rule rule) {
        var batch = new Batch(spaces, 1);
        batch.actions()[0] = unit;
        return actor.chances(batch, rule).orElseThrow();
    }

    /** As it is after it was one of the environment's floats. */
    private static float unit(ActionSpace.Continuous space, double unit) {
        return space.toUnit(0, space.fromUnit(0, (float) unit));
    }

    private static float[] numbers(SplittableRandom random, int count, double size) {
        var numbers = new float[count];
        IntStream.range(0, count).forEach(i -> numbers[i] = (float) (size * random.nextGaussian()));
        return numbers;
    }

    private Policy policy(String learner, Spaces spaces) {
        var config = LearnerConfig.read(learner, ConfigFactory.empty(), "test");
        return PolicyLearner.of(config.learner(new LearnerSetup(spaces, 2, 1, kernels, new SplittableRandom(7))))
                .policy();
    }
}
