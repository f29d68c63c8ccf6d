package io.hindcast.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.export.SampleCheckpoint;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logs of trained policies can be judged: they say how likely each action was. */
final class TrainedBehaviourTest {
    private static final ActionSpace FOUR = new ActionSpace.Discrete(4);
    private static final ActionSpace VECTORS = new ActionSpace.Continuous(2, -1, 3);
    private static final float[] SEEN = {0.3f, -0.2f, 0.5f, 0.4f, -0.1f};

    private final PlainKernels kernels = new PlainKernels();

    @AfterEach
    void close() {
        kernels.close();
    }

    @ParameterizedTest
    @CsvSource({"dqn, critic, GREEDY", "behaviour-cloning, actor, GREEDY", "behaviour-cloning, actor, SAMPLED"})
    void discreteActionsComeAsOftenAsItSays(String learner, String network, Preference preference) {
        var behaviour = behaviour(learner, network, FOUR, new Rule(preference, 0.3, 0, 0));
        var random = new SplittableRandom(1);
        var counts = new int[4];
        var logs = new double[4];
        var draws = 4000;
        for (var i = 0; i < draws; i++) {
            var choice = behaviour.act(SEEN, null, random);
            var index = ((Action.Index) choice.action()).index();
            counts[index]++;
            logs[index] = choice.logProbability().orElseThrow();
        }
        for (var k = 0; k < 4; k++) {
            assertThat((double) counts[k] / draws).isCloseTo(Math.exp(logs[k]), within(0.04));
        }
    }

    /** So that a policy that is judged by its own log has weights of 1. */
    @ParameterizedTest
    @CsvSource({"behaviour-cloning, 0", "behaviour-cloning, 0.2", "cql-continuous, 0", "cql-continuous, 0.2"})
    void aVectorIsAsDenseAsTheRowsOfTheLogAreForTheSamePolicy(String learner, double epsilon) {
        var rule = new Rule(Preference.SAMPLED, epsilon, 0, 0);
        var behaviour = behaviour(learner, "actor", VECTORS, rule);
        var spaces = new Spaces(5, VECTORS);
        var random = new SplittableRandom(2);
        var rows = 200;
        var log = new ReplayBuffer(spaces, rows);
        var told = new double[rows];
        for (var i = 0; i < rows; i++) {
            var choice = behaviour.act(SEEN, null, random);
            told[i] = choice.logProbability().orElseThrow();
            log.append(SEEN, choice.action(), 0, SEEN, TerminalFlag.KEEPS_BOOTSTRAP);
        }

        var batch = new Batch(spaces, rows);
        log.read(0, batch);
        var policy = checkpoint(learner, "actor", VECTORS).checkpoint().policy(spaces, kernels);
        var actor = new Actor(kernels, policy, spaces, rows);
        actor.show(batch.observations(), null);
        assertThat(actor.chances(batch, rule).orElseThrow().logs()).containsExactly(told, within(1e-4));
    }

    @Test
    void theLikeliestVectorHasNoDensity() {
        var random = new SplittableRandom(3);
        assertThat(behaviour("behaviour-cloning", "actor", VECTORS, Rule.greedy(0.1))
                        .act(SEEN, null, random)
                        .logProbability())
                .isEmpty();
        assertThat(behaviour("td3-bc", "actor", VECTORS, new Rule(Preference.SAMPLED, 0.1, 0, 0))
                        .act(SEEN, null, random)
                        .logProbability())
                .isEmpty();
    }

    @Test
    void aPolicyOfOtherActionsDoesNotFit() {
        var cloned = checkpoint("behaviour-cloning", "actor", FOUR).checkpoint();
        TrainedBehaviour.requireFit(cloned, "here", new Spaces(5, FOUR));
        assertThatThrownBy(
                        () -> TrainedBehaviour.requireFit(cloned, "here", new Spaces(5, new ActionSpace.Discrete(3))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching(
                        "it learned from .*4.*, and here has .*3.*; name a run that learned for this" + " environment");
    }

    private TrainedBehaviour behaviour(String learner, String network, ActionSpace actions, Rule rule) {
        var sample = checkpoint(learner, network, actions);
        return new TrainedBehaviour(sample.checkpoint(), rule, sample.spaces(), kernels);
    }

    private static SampleCheckpoint checkpoint(String learner, String network, ActionSpace actions) {
        return SampleCheckpoint.of(learner, network + " { hidden-layers = [8] }", actions);
    }
}
