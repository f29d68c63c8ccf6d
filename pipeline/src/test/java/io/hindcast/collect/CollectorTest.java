package io.hindcast.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Transition;
import io.hindcast.env.Environment;
import io.hindcast.env.Environments;
import io.hindcast.env.Fault;
import io.hindcast.run.Seeds;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class CollectorTest {
    @Test
    void anEpisodeIsAFunctionOfSeedAndIndexAlone() {
        var one = collector("wanderer", 7);
        var third = text(one.episode(3));
        var first = text(one.episode(1));

        var other = collector("wanderer", 7);
        assertThat(text(other.episode(1))).isEqualTo(first);
        assertThat(text(other.episode(3))).isEqualTo(third);
        assertThat(text(collector("wanderer", 8).episode(3))).isNotEqualTo(third);
        assertThat(first).isNotEqualTo(third);
    }

    @Test
    void transitionsSayWhereTheyComeFromAndFollowEachOther() {
        var episode = collector("random", 7).episode(12);

        for (var i = 0; i < episode.size(); i++) {
            var transition = episode.get(i);
            assertThat(transition.episodeId()).isEqualTo("pointmass-medium-7-00012");
            assertThat(transition.step()).isEqualTo(i);
            assertThat(transition.sourceFile()).isEqualTo("collect:pointmass-medium");
            assertThat(transition.sourceRow()).isEqualTo(i);
            assertThat(transition.behaviourLogProb()).isEqualTo(-Math.log(5));
            var last = i == episode.size() - 1;
            assertThat(transition.terminated() || transition.truncated()).isEqualTo(last);
            if (!last) {
                assertThat(episode.get(i + 1).observation()).isEqualTo(transition.nextObservation());
            }
        }
    }

    @Test
    void aWandererSaysHowLikelyItsActionsWereGivenItsPlan() {
        var episode = collector("wanderer", 7).episode(0);
        assertThat(episode)
                .extracting(Transition::behaviourLogProb)
                .containsOnly(Math.log(0.2 / 5), Math.log(0.2 / 5 + (1 - 0.2)));
    }

    @Test
    void aWandererWithoutRandomActionsGivesNoProbability() {
        assertThat(collector("wanderer, wanderer.epsilon = 0", 7).episode(0))
                .extracting(Transition::behaviourLogProb)
                .containsOnlyNulls();
    }

    @Test
    void theWanderersSettingsAreASectionOfItsOwn() {
        var config = Settings.read(
                CollectConfig.class,
                ConfigFactory.parseString("behaviour = wanderer, episodes = 79, wanderer { epsilon = 0.5 }"),
                "collect");
        assertThat(config.episodes()).isEqualTo(79);
        assertThat(config.wanderer().epsilon()).isEqualTo(0.5);
        assertThat(config.wanderer().keepAway()).isEqualTo(6);
    }

    @Test
    void anUnknownBehaviourIsAnsweredWithTheNearestName() {
        assertThatThrownBy(() -> collector("wander", 0))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use behaviour 'wander': there is no such behaviour; did you mean 'wanderer'?"
                        + " (in section collect)");
    }

    @Test
    void aTrainedPolicyIsNamedWhereItActsAndNowhereElse() {
        assertThatThrownBy(() -> config("policy", 0))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot collect with behaviour policy: none is named; add policy { run ="
                        + " OUT/checkpoints/RUN_ID }");
        assertThatThrownBy(() -> config("random, policy.run = out/checkpoints/x", 0))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot collect by run = out/checkpoints/x with behaviour random: that acts by"
                        + " itself; set behaviour = policy, or remove policy");
        assertThatThrownBy(() -> config("policy, policy { run = x, epsilon = 2 }", 0))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use collect.policy.epsilon = 2");
    }

    @Test
    void aWandererNeedsAMaze() {
        assertThatThrownBy(() -> config("wanderer", 0).behaviourIn(new Nowhere()))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot collect in nowhere with behaviour wanderer: it walks in mazes only; "
                        + "use behaviour random or a pointmass environment");
    }

    @Test
    void anEpisodeWithAnAnswerThatIsNoneBreaksAndTheNextIsCollected() {
        var world = new Nowhere() {
            private int steps;

            @Override
            public Step step(Action action) {
                steps++;
                return new Step(new float[1], steps == 3 ? Double.NaN : 0, false, steps == 5);
            }
        };
        var sequence = new EpisodeSequence(
                new Collector(world, config("random", 0).behaviourIn(world), new Seeds(0)), 2, Long.MAX_VALUE);
        assertThatThrownBy(sequence::next).isInstanceOfSatisfying(BrokenEpisode.class, broken -> {
            assertThat(broken).hasMessage("Cannot go on with episode nowhere-0-00000: in step 2 the reward is NaN");
            assertThat(broken.sound()).hasSize(2);
            assertThat(broken.broken()).isNotNull();
            assertThat(broken.fault()).isEqualTo(new Fault(Fault.Kind.NOT_FINITE, "the reward is NaN"));
        });
        assertThat(sequence.next())
                .hasSize(2)
                .allMatch(transition -> transition.episodeId().equals("nowhere-0-00001"));
        assertThat(sequence.hasNext()).isFalse();
    }

    private static CollectConfig config(String behaviour, long seed) {
        return Settings.read(
                CollectConfig.class,
                ConfigFactory.parseString("behaviour = " + behaviour + ", seed = " + seed),
                "collect");
    }

    private static Collector collector(String behaviour, long seed) {
        var environment = Environments.named("pointmass-medium");
        return new Collector(environment, config(behaviour, seed).behaviourIn(environment), new Seeds(seed));
    }

    private static String text(List<Transition> episode) {
        var text = new StringBuilder();
        for (var transition : episode) {
            text.append(transition.action())
                    .append(transition.nextObservation()[0])
                    .append(transition.nextObservation()[1]);
        }
        return text.toString();
    }

    private static class Nowhere implements Environment {
        @Override
        public String name() {
            return "nowhere";
        }

        @Override
        public int observationSize() {
            return 1;
        }

        @Override
        public ActionSpace actionSpace() {
            return new ActionSpace.Discrete(2);
        }

        @Override
        public int maxEpisodeSteps() {
            return 1;
        }

        @Override
        public float[] reset(RandomGenerator random) {
            return new float[1];
        }

        @Override
        public Step step(Action action) {
            return new Step(new float[1], 0, true, false);
        }
    }
}
