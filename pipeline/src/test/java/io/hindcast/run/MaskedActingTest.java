package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.collect.Collector;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Transition;
import io.hindcast.env.Environment;
import io.hindcast.env.VectorEnvironment;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.score.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whoever acts keeps to what the environment says is possible: collecting, evaluating, exploring and learning online. */
final class MaskedActingTest {
    /** Sells one of three things after the other; asking for another fails. Six steps long, cut at the end. */
    private static final class Shop implements Environment {
        private int step;

        @Override
        public String name() {
            return "shop";
        }

        @Override
        public int observationSize() {
            return 1;
        }

        @Override
        public ActionSpace actionSpace() {
            return new ActionSpace.Discrete(3);
        }

        @Override
        public int maxEpisodeSteps() {
            return 6;
        }

        @Override
        public float[] reset(RandomGenerator random) {
            step = 0;
            return new float[] {0};
        }

        @Override
        public boolean @Nullable [] possibleActions() {
            var possible = new boolean[3];
            possible[step % 3] = true;
            return possible;
        }

        @Override
        public Step step(Action action) {
            assertThat(((Action.Index) action).index()).as("step " + step).isEqualTo(step % 3);
            step++;
            return new Step(new float[] {step % 3}, -1, false, step == 6);
        }
    }

    @Test
    void whatIsCollectedSaysWhatWasPossible() {
        for (var behaviour : List.of(
                "random",
                "rnd, rnd { batch-size = 4, q-learning.critic.hidden-layers = [4],"
                        + " distillation { predictor.hidden-layers = [4], target.hidden-layers = [4] } }")) {
            var config = Settings.read(
                    CollectConfig.class, ConfigFactory.parseString("steps = 20, behaviour = " + behaviour), "collect");
            try (var kernels = new PlainKernels()) {
                var shop = new Shop();
                var source = config.isExploration()
                        ? config.explorerIn(shop, kernels)
                        : new Collector(shop, config.behaviourIn(shop), new Seeds(1));
                var rows = new ArrayList<Transition>();
                config.sequence(source).forEachRemaining(rows::addAll);
                assertThat(rows).hasSize(20).allSatisfy(row -> {
                    assertThat(row.actionMask()).hasSize(3);
                    assertThat(Objects.requireNonNull(row.actionMask())[((Action.Index) row.action()).index()])
                            .isTrue();
                    assertThat(row.behaviourLogProb()).isCloseTo(0, within(0.0));
                });
            }
        }
    }

    @Test
    void aPolicyThatIsPlayedKeepsToWhatIsPossible() {
        for (var learner : List.of("dqn", "behaviour-cloning")) {
            try (var kernels = new PlainKernels();
                    var worlds = VectorEnvironment.of(List.of(new Shop(), new Shop()))) {
                var config = LearnerConfig.read(learner, ConfigFactory.empty(), "test");
                var setup =
                        new LearnerSetup(worlds.spaces(), 1, 1, kernels, new Seeds(1).generator("initialisation", 0));
                var episodes = Rollout.run(
                        worlds,
                        PolicyLearner.of(config.learner(setup)).policy(),
                        kernels,
                        31,
                        new Seeds(1),
                        Optional.empty());
                assertThat(episodes).extracting(Rollout.Episode::episodeReturn).containsExactly(-6.0, -6.0);
            }
        }
    }

    @Test
    void anAgentActsAndLearnsWithinWhatIsPossibleAndRemembersItInItsExperience() {
        for (var acting : List.of("actions = sampled", "actions = greedy, epsilon = 1", "actions = greedy")) {
            var spec = spec(acting);
            var shop = new Shop();
            var replay = new OnlineReplay(new ReplayBuffer(shop.spaces(), 0), 100);
            try (var kernels = new PlainKernels()) {
                var setup = new LearnerSetup(shop.spaces(), 1, 1, kernels, new Seeds(1).generator("initialisation", 0));
                var policy = PolicyLearner.of(spec.config().learner(setup)).policy();
                var interaction = new Interaction(spec, shop, replay, policy, kernels, new Seeds(1));
                interaction.actBefore(20);
                var batch = new Batch(replay.layout(), 1);
                replay.sample(new Seeds(1).generator("draw", 0), batch);
                // Of two steps in one: the next thing is not what was possible after the first of them.
                var at = (int) batch.observations()[0];
                var here = Objects.requireNonNull(batch.possible(Field.ACTION_MASK))
                        .clone();
                var next = Objects.requireNonNull(batch.possible(Field.NEXT_ACTION_MASK))
                        .clone();
                assertThat(here[at]).isTrue();
                assertThat(next[(int) batch.nextObservations()[0]]).isTrue();
                assertThat(here).containsOnlyOnce(true);
                assertThat(next).containsOnlyOnce(true);

                var experience = interaction.sinceCheckpoint();
                assertThat(experience.width()).isEqualTo(1 + 1 + 1 + 1 + 2 + 2 * 3);
                var again = new Experience(shop.spaces());
                new Experience(shop.spaces(), experience.rows(), experience.width()).forEach(shop.spaces(), again::add);
                assertThat(again.rows()).isEqualTo(experience.rows());

                var other = new Interaction(
                        spec,
                        new Shop(),
                        new OnlineReplay(new ReplayBuffer(shop.spaces(), 0), 100),
                        policy,
                        kernels,
                        new Seeds(1));
                other.goOn(List.of(), experience);
                other.actBefore(40);
                interaction.actBefore(40);
                assertThat(other.sinceCheckpoint().rows())
                        .isEqualTo(interaction.sinceCheckpoint().rows());
            }
        }
    }

    private static RunSpec spec(String acting) {
        var online = Settings.read(OnlineConfig.class, ConfigFactory.parseString("steps = 100, " + acting), "online");
        var config = LearnerConfig.read("awac", ConfigFactory.empty(), "test");
        return new RunSpec(
                "name",
                "none",
                "",
                "awac",
                Settings.toMap((Record) config),
                7,
                100,
                1,
                2,
                1,
                10,
                false,
                List.of(),
                false,
                null,
                new RunSpec.Online(Map.of(), 0, Settings.toMap(online)));
    }
}
