package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.env.Environment;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.FloorPlan;
import io.hindcast.env.VectorEnvironment;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An untrained policy of usual size plays: what it does depends on every bit of what it sees. */
class RolloutTest {
    private static final FloorPlan FLOOR = FloorPlan.of("pointmass-veryhard").orElseThrow();

    private static List<Rollout.Episode> play(String environment, int from, int to, int paths) {
        try (var worlds = new EnvironmentSpec(environment).open(to - from)) {
            return play(worlds, from, paths);
        }
    }

    private static List<Rollout.Episode> play(VectorEnvironment worlds, int from, int paths) {
        try (var kernels = new Nd4jKernels()) {
            var config = LearnerConfig.read(
                    "behaviour-cloning", ConfigFactory.parseString("actor.hidden-layers = [256, 256]"), "test");
            var learner = (PolicyLearner) config.learner(
                    new LearnerSetup(worlds.spaces(), 1, 1, kernels, new Seeds(3).generator("initialisation", 0)));
            return Rollout.run(
                    worlds,
                    learner.policy(),
                    kernels,
                    from,
                    new Seeds(1000),
                    Optional.of(new Rollout.Paths(FLOOR, paths)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32, 33})
    void howEpisodesAreCutIntoBlocksChangesNotABitOfThem(int block) {
        // Of pendulum, whose actions are real numbers: a return sums up 200 of them.
        var whole = play("pendulum", 0, 40, 0);
        var parts = new ArrayList<Rollout.Episode>();
        for (var from = 0; from < 40; from += block) {
            parts.addAll(play("pendulum", from, Math.min(from + block, 40), 0));
        }
        assertThat(parts).isEqualTo(whole);
        assertThat(whole.stream().map(Rollout.Episode::episodeReturn).distinct())
                .hasSize(40);
    }

    @Test
    void anEpisodeWithAnAnswerThatIsNoneHasNoReturnAndTheOthersAreAsTheyWere() {
        var sound = play("pendulum", 0, 3, 0);
        try (var pendulums = new EnvironmentSpec("pendulum").open(3)) {
            var worlds = new Disturbed(pendulums);
            var episodes = play(worlds, 0, 0);
            assertThat(episodes.get(0)).isEqualTo(sound.get(0));
            assertThat(episodes.get(1).episodeReturn()).isNaN();
            assertThat(episodes.get(1).length()).isEqualTo(9);
            assertThat(episodes.get(2).episodeReturn()).isNaN();
            assertThat(episodes.get(2).length()).isZero();
            assertThat(Rollout.problem(episodes))
                    .hasValue("2 of 3 episodes ended with an answer of the environment that is none (first in step 9 of"
                            + " episode 1 the reward is Infinity)");
            assertThat(Rollout.problem(sound)).isEmpty();
        }
    }

    /** The second instance earns too much in its tenth step, the third cannot begin. */
    private record Disturbed(VectorEnvironment worlds, int[] steps) implements VectorEnvironment {
        Disturbed(VectorEnvironment worlds) {
            this(worlds, new int[1]);
        }

        @Override
        public int size() {
            return worlds.size();
        }

        @Override
        public int observationSize() {
            return worlds.observationSize();
        }

        @Override
        public ActionSpace actionSpace() {
            return worlds.actionSpace();
        }

        @Override
        public int maxEpisodeSteps() {
            return worlds.maxEpisodeSteps();
        }

        @Override
        public float[] reset(int instance, RandomGenerator random) {
            var start = worlds.reset(instance, random);
            return instance == 2 ? new float[start.length + 1] : start;
        }

        @Override
        public Environment.@Nullable Step[] step(@Nullable Action[] actions) {
            var results = worlds.step(actions);
            var second = results[1];
            if (++steps[0] == 10 && second != null) {
                results[1] = new Environment.Step(second.observation(), Double.POSITIVE_INFINITY, false, false);
            }
            return results;
        }
    }

    @Test
    void aPathBeginsAtTheStartAndHasAPointForEveryStep() {
        for (var episode : play("pointmass-medium", 0, 4, 4)) {
            // The plan is of the very hard maze, whose sides are 11; that of this one is 6, and it starts at 0.5.
            assertThat(episode.path().get(0)).isCloseTo(0.5f / 6 * 11, within(1e-5f));
            assertThat(episode.path()).hasSize(2 * (episode.length() + 1));
        }
    }

    @Test
    void aLongPathIsThinnedAndKeepsItsEnds() {
        var episode = play("pointmass-veryhard", 0, 1, 1).get(0);
        assertThat(episode.truncated()).isTrue();
        assertThat(episode.length()).isEqualTo(200);
        assertThat(episode.path()).hasSize(2 * Rollout.Paths.MOST_POINTS);
        assertThat(episode.path().subList(0, 2)).containsExactly(0.5f, 0.5f);
        // The second point of 201 is kept, and of the last two the last: no step is longer than a few cells.
        for (var i = 2; i < episode.path().size(); i++) {
            assertThat(episode.path().get(i)).isCloseTo(episode.path().get(i - 2), within(5f));
        }
    }

    @Test
    void onlyTheFirstEpisodesLeaveAPathWhereverTheirBlockBegins() {
        assertThat(play("pointmass-medium", 2, 5, 3))
                .extracting(episode -> episode.path().isEmpty())
                .containsExactly(false, true, true);
    }

    @Test
    void anEpisodeSaysWhetherItSucceededWhereTheEnvironmentKnows() {
        assertThat(play("pointmass-medium", 0, 4, 0))
                .allSatisfy(episode -> assertThat(episode.success()).isEqualTo(episode.terminated()));
        assertThat(play("pendulum", 0, 2, 0))
                .allSatisfy(episode -> assertThat(episode.success()).isNull());
    }
}
