package io.hindcast.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Noise;
import io.hindcast.data.Scaler;
import io.hindcast.data.SeededNoise;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Actor.Preference;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a critic thinks of a policy as it acts, against what the policy itself tells when it is asked. */
final class ActedValueTest {
    private static final int ROWS = 4;
    private static final Spaces INDICES = new Spaces(3, new ActionSpace.Discrete(3));
    private static final Spaces VECTORS = new Spaces(3, new ActionSpace.Continuous(2, -2, 6));

    private final Kernels kernels = new PlainKernels();
    private final float[] observations = observations();
    private final States states = new States(kernels.matrix(3, ROWS));

    @AfterEach
    void close() {
        kernels.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"awac", "dqn", "tabular-q"})
    void ofIndicesItIsWhatEveryPossibleActionIsWorthTimesHowLikelyItIs(String learner) {
        states.observations().write(observations, 0);
        states.setPossible(new boolean[] {true, true, true, true, false, true, false, true, false, true, true, true});
        var policy = policy(learner, INDICES);
        var critics = critics(INDICES);
        for (var rule :
                List.of(Actor.Rule.greedy(0), Actor.Rule.greedy(0.3), new Actor.Rule(Preference.SAMPLED, 0.3, 0, 0))) {
            var value = new ActedValue(kernels, policy, rule.preference(), rule.epsilon(), 0, 1, critics, states)
                    .value(observations, Noise.none(), "none");
            var outputs = critics.forwardOnly(states.observations()).forward()[0];
            var actor = new Actor(kernels, policy, INDICES, ROWS);
            actor.show(observations, states.possible());
            for (var b = 0; b < ROWS; b++) {
                var expected = 0.0;
                for (var a = 0; a < 3; a++) {
                    expected += probability(actor, b, a, rule) * outputs[3 * b + a];
                }
                assertThat((double) value[b]).as(learner + " " + rule).isCloseTo(expected, within(1e-6));
            }
        }
    }

    /** As often as it is chosen of many, to two digits; 0 if it never is. */
    private static double probability(Actor actor, int row, int action, Actor.Rule rule) {
        var random = new SplittableRandom(5);
        for (var i = 0; i < 10_000; i++) {
            var choice = actor.choose(row, rule, random);
            if (choice.action().equals(new Action.Index(action))) {
                return Math.exp(choice.logProbability().orElseThrow());
            }
        }
        return 0;
    }

    @ParameterizedTest
    @ValueSource(strings = {"awac", "td3-bc", "cql-continuous"})
    void ofVectorsItIsThatOfTheActionTakenCutToItsBounds(String learner) {
        states.observations().write(observations, 0);
        var policy = policy(learner, VECTORS);
        var critics = critics(VECTORS);
        var value = new ActedValue(kernels, policy, Preference.GREEDY, 0, 0, 1, critics, states);
        var values = value.value(observations, Noise.none(), "none").clone();
        var actor = new Actor(kernels, policy, VECTORS, ROWS);
        actor.show(observations, null);
        var space = (ActionSpace.Continuous) VECTORS.actions();
        for (var b = 0; b < ROWS; b++) {
            var action = ((Action.Vector) actor.greedy(b)).values();
            for (var j = 0; j < 2; j++) {
                assertThat(value.actions()[2 * b + j]).isCloseTo(space.toUnit(j, action[j]), within(1e-6f));
            }
        }
        var pairs = critics.forwardOnly(ROWS);
        pairs.load(observations, value.actions());
        assertThat(values).isEqualTo(pairs.forward()[0]);

        var sampled = new ActedValue(kernels, policy, Preference.SAMPLED, 0, 0, 0.1, critics, states);
        sampled.value(observations, new SeededNoise(new SplittableRandom(3)), "action");
        for (var entry : sampled.actions()) {
            assertThat(entry).isBetween(-0.1f, 0.1f);
        }
    }

    @Test
    void noiseIsAddedToAVectorBeforeItIsCut() {
        states.observations().write(observations, 0);
        var policy = policy("td3-bc", VECTORS);
        var critics = critics(VECTORS);
        var own = new ActedValue(kernels, policy, Preference.GREEDY, 0, 0, 1, critics, states);
        own.value(observations, Noise.none(), "action");
        var disturbed = new ActedValue(kernels, policy, Preference.GREEDY, 0, 0.3, 1, critics, states);
        disturbed.value(observations, new SeededNoise(new SplittableRandom(5)), "action");
        var noises = new float[own.actions().length];
        new SeededNoise(new SplittableRandom(5)).normal("action_noise", noises);
        for (var k = 0; k < noises.length; k++) {
            var expected = own.actions()[k] + 0.3 * noises[k];
            assertThat(disturbed.actions()[k]).isCloseTo((float) Math.max(-1, Math.min(1, expected)), within(1e-6f));
        }
    }

    @Test
    void withProbabilityEpsilonAnActionIsDrawnFromAllThereAre() {
        states.observations().write(observations, 0);
        var policy = policy("td3-bc", VECTORS);
        var critics = critics(VECTORS);
        var own = new ActedValue(kernels, policy, Preference.GREEDY, 0, 0, 1, critics, states);
        own.value(observations, Noise.none(), "none");
        var explores = new ActedValue(kernels, policy, Preference.GREEDY, 0.25, 0, 1, critics, states);
        var noise = new SeededNoise(new SplittableRandom(3));
        var others = 0;
        var sum = 0.0;
        for (var i = 0; i < 5_000; i++) {
            explores.value(observations, noise, "action");
            if (explores.actions()[0] != own.actions()[0]) {
                others++;
                sum += explores.actions()[1];
            }
        }
        assertThat(others / 5_000.0).isCloseTo(0.25, within(0.02));
        assertThat(sum / others).isCloseTo(0, within(0.05));
    }

    @Test
    void aPolicyBehindAScalerSeesWhatItKnowsAndTheCriticSeesTheRows() {
        states.observations().write(observations, 0);
        var policy = policy("awac", INDICES);
        var critics = critics(INDICES);
        var scaler = new Scaler(List.of(0.5, -1.0, 2.0), List.of(2.0, 0.5, 1.0), 0.1);
        var behind = new ScaledPolicy(kernels, policy, scaler);
        var value = new ActedValue(kernels, behind, Preference.SAMPLED, 0, 0, 1, critics, states)
                .value(observations, Noise.none(), "none");
        var actor = new Actor(kernels, behind, INDICES, ROWS);
        actor.show(observations, null);
        var outputs = critics.forwardOnly(states.observations()).forward()[0];
        for (var b = 0; b < ROWS; b++) {
            var probabilities = actor.probabilities(b).orElseThrow();
            var expected = 0.0;
            for (var a = 0; a < 3; a++) {
                expected += probabilities[a] * outputs[3 * b + a];
            }
            assertThat((double) value[b]).isCloseTo(expected, within(1e-6));
        }
    }

    private CriticEnsemble critics(Spaces spaces) {
        var config = Settings.read(NetworkConfig.class, ConfigFactory.parseString("hidden-layers = [8]"), "critic");
        var critics = new CriticEnsemble(kernels, spaces, config, 1);
        critics.initialise(new SplittableRandom(2));
        return critics;
    }

    private Policy policy(String learner, Spaces spaces) {
        var config = LearnerConfig.read(learner, ConfigFactory.empty(), "test");
        var setup = new LearnerSetup(spaces, 2, 1, kernels, new SplittableRandom(7));
        var policy = PolicyLearner.of(config.learner(setup)).policy();
        var random = new SplittableRandom(9);
        var values = policy.parameters().values();
        for (var i = 0; i < values.length; i++) {
            values[i] += (float) (0.3 * random.nextGaussian());
        }
        policy.refresh();
        return policy;
    }

    private static float[] observations() {
        var random = new SplittableRandom(1);
        var observations = new float[3 * ROWS];
        for (var i = 0; i < observations.length; i++) {
            observations[i] = (float) random.nextGaussian();
        }
        return observations;
    }
}
