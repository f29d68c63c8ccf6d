package io.hindcast.judge.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.LoggedSteps;
import io.hindcast.data.RowLayout;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Episode;
import io.hindcast.judge.FirstPass;
import io.hindcast.judge.Is;
import io.hindcast.judge.Need;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import io.hindcast.net.Policy;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Actions within [-1, 3] that are drawn from a normal and cut to it, so that many are exactly 3 or -1. */
class AtBoundsTest {
    private static final Spaces SPACES = new Spaces(1, new ActionSpace.Continuous(1, -1, 3));
    private static final Rule SAMPLED = new Rule(Preference.SAMPLED, 0, 0, Double.POSITIVE_INFINITY);

    private final Nd4jKernels kernels = new Nd4jKernels();

    @AfterEach
    void close() {
        kernels.close();
    }

    @Test
    void whatIsAtABoundCountsByItsProbabilityInBothPolicies() {
        var log = log(policy(0), 4000);
        var share = log.rewardedShare();
        // A fifth of the log is at the upper bound: a normal of mean 0 and standard deviation 1 is above 1 in 16 %.
        assertThat(share).isBetween(0.14, 0.18);
        var other = log.judged(Chance.of(new Actor(kernels, policy(0.5f), SPACES, PlacedSteps.WIDTH), SPACES, SAMPLED));
        // tanh(0.5) = 0.462: above 1 is 0.538 standard deviations away, which 29.5 % are.
        assertThat(value(other)).isEqualTo(0.295, within(0.02));
        assertThat(other.weights().mean()[0]).isEqualTo(1, within(0.05));
    }

    @Test
    void aPolicyWithADensityThereNeverDoesExactlyThis() {
        var uniform = log(policy(0), 4000).judged(Chance.uniform(SPACES.actions()));
        assertThat(value(uniform)).isZero();
        // All of its density is within the bounds.
        assertThat(uniform.weights().mean()[0]).isEqualTo(1, within(0.05));
    }

    @Test
    void aProbabilityIsNotDividedByADensity() {
        var greedy = ((Action.Vector) actor(policy(0.5f)).greedy(0)).values()[0];
        var log = new Log();
        log.add(greedy, -1);
        log.add(3, -1);
        log.add(0, -1);
        var rule = new Rule(Preference.GREEDY, 0.1, 0, Double.POSITIVE_INFINITY);
        var judged = log.judged(Chance.of(new Actor(kernels, policy(0.5f), SPACES, PlacedSteps.WIDTH), SPACES, rule));

        assertThat(judged.leftOut(0)).isEqualTo(Map.of(Need.SAME_MEASURE, 1L));
        assertThat(Need.SAME_MEASURE.lack())
                .isEqualTo("an action that has a probability under the policy and a density in the log");
        // 0.1 / 4 over e^-1, where the action is 0, and nothing at the bound.
        assertThat(judged.weights().mean()[0]).isEqualTo(0.1 / 4 * Math.E / 2, within(1e-6));
    }

    private static double value(FirstPass judged) {
        return judged.second(Bootstrap.NONE).estimates(0.95).get(0).value();
    }

    private Log log(Policy behaviour, int count) {
        var actor = actor(behaviour);
        var random = new SplittableRandom(5);
        var log = new Log();
        var batch = new Batch(SPACES, 1);
        for (var i = 0; i < count; i++) {
            var action = ((Action.Vector) actor.choose(0, SAMPLED, random).action()).values()[0];
            batch.actions()[0] = ((ActionSpace.Continuous) SPACES.actions()).toUnit(0, action);
            log.add(action, actor.chances(batch, SAMPLED).orElseThrow().logs()[0]);
        }
        return log;
    }

    private Actor actor(Policy policy) {
        var actor = new Actor(kernels, policy, SPACES, 1);
        actor.show(new float[1], null);
        return actor;
    }

    /** Its mean is tanh(bias) in every state, its standard deviation 1. */
    private Policy policy(float bias) {
        var config = LearnerConfig.read("behaviour-cloning", ConfigFactory.empty(), "test");
        var policy = PolicyLearner.of(config.learner(new LearnerSetup(SPACES, 2, 1, kernels, new SplittableRandom(7))))
                .policy();
        var values = policy.parameters().values();
        Arrays.fill(values, 0);
        // The last is the logarithm of the standard deviation, the one before it the bias of the output.
        values[values.length - 2] = bias;
        policy.refresh();
        return policy;
    }

    /** Decisions that earn 1 at the upper bound. */
    private static final class Log {
        private final List<Float> actions = new ArrayList<>();
        private final List<Double> logs = new ArrayList<>();

        void add(float action, double log) {
            actions.add(action);
            logs.add(log);
        }

        double rewardedShare() {
            return (double) actions.stream().filter(action -> action == 3).count() / actions.size();
        }

        FirstPass judged(Chance policy) {
            var count = actions.size();
            var batch = new Batch(RowLayout.of(SPACES), count);
            var episodes = new String[count];
            for (var i = 0; i < count; i++) {
                batch.actions()[i] = ((ActionSpace.Continuous) SPACES.actions()).toUnit(0, actions.get(i));
                episodes[i] = "e" + i;
            }
            var steps = new LoggedSteps(
                    batch,
                    episodes,
                    new long[count],
                    new double[count],
                    new double[count],
                    new double[count],
                    new boolean[count],
                    List.of(),
                    Map.of(),
                    new long[count]);
            var chances = policy.logs(PlacedSteps.of(steps));
            var pass = new FirstPass(List.of(new Is()));
            for (var i = 0; i < count; i++) {
                var reward = actions.get(i) == 3 ? 1 : 0;
                pass.add(new Episode.Fold(episodes[i], 1)
                        .step(new Episode.Step(chances[i], logs.get(i), reward))
                        .end(Ending.TERMINATED, Double.NaN));
            }
            return pass;
        }
    }
}
