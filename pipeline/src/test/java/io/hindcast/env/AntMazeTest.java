package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.run.Seeds;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AntMazeTest {
    private static final String REQUIREMENTS = "requirements-antmaze.txt";
    private static final Action STILL = new Action.Vector(new float[8]);

    @ParameterizedTest
    @CsvSource({
        "0, umaze, 30",
        "1, umaze, 30",
        "2, umaze, 100",
        "3, medium-diverse, 30",
        "4, medium-diverse, 30",
        "5, medium-diverse, 100"
    })
    void theAntWalksTheRecordedTrajectory(int index, String maze, int length) {
        var file = Workers.resources().resolve("antmaze-trajectories.json");
        Map<String, Object> kwargs = Map.of("maze", maze, "file", file.toString(), "index", index);
        try (var world = Workers.around(REQUIREMENTS, "ReplayedAntMaze", kwargs)) {
            world.reset(0, new Seeds(0).generator("episode", 0));
            var steps = 0;
            var rewards = 0.0;
            Environment.Step step;
            do {
                step = Objects.requireNonNull(world.step(new Action[] {STILL})[0]);
                assertThat(step.observation()[0])
                        .as("distance from the recorded state after step %d", ++steps)
                        .isLessThan(1e-6f);
                assertThat(step.observation()[1]).as("reward").isEqualTo(1);
                assertThat(step.observation()[2]).as("terminated").isEqualTo(1);
                rewards += step.reward();
            } while (!step.done());
            assertThat(steps).isEqualTo(length);
            assertThat(rewards > 0).isEqualTo(length == 100);
        }
    }

    @ParameterizedTest
    @CsvSource({"umaze, 700", "medium-diverse, 1000"})
    void anAntThatLiesStillEarnsMinusOneAStepUntilTheLimit(String maze, int limit) {
        try (var world = Workers.ours("antmaze-" + maze, "kwargs { reward_shift = -1 }", 1)) {
            assertThat(world.observationSize()).isEqualTo(29);
            assertThat(world.actionSpace()).isEqualTo(new ActionSpace.Continuous(8, -1, 1));
            assertThat(world.maxEpisodeSteps()).isEqualTo(limit);
            var first = world.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(first[0]).isBetween(-0.1f, 0.1f);
            assertThat(Math.sqrt(first[3] * first[3] + first[4] * first[4] + first[5] * first[5] + first[6] * first[6]))
                    .isEqualTo(1, within(1e-6));
            var earned = 0.0;
            for (var t = 1; t <= limit; t++) {
                var step = Objects.requireNonNull(world.step(new Action[] {STILL})[0]);
                earned += step.reward();
                assertThat(step.truncated()).isEqualTo(t == limit);
                assertThat(step.terminated()).isFalse();
                assertThat(step.success()).isFalse();
            }
            assertThat(earned).isEqualTo(-limit);
        }
    }

    @Test
    void everyEpisodeHasAGoalOfItsOwnInTheGoalCell() {
        var goals = goals(Map.of("maze", "umaze"));
        assertThat(goals).hasSize(20);
        for (var goal : goals) {
            assertThat(goal.x()).isBetween(0f, 1.5f);
            assertThat(goal.y()).isBetween(8f, 9.5f);
        }
    }

    @Test
    void oneGoalMayBeGivenForAll() {
        assertThat(goals(Map.of("maze", "medium-diverse", "goal", List.of(20.75, 21.5))))
                .containsExactly(new Goal(20.75f, 21.5f));
    }

    @Test
    void aGoalThatIsNoPlaceIsRefused() {
        assertThatThrownBy(() -> goals(Map.of("maze", "umaze", "goal", List.of(8.75))))
                .hasMessageContaining("goal is [8.75]; it must be x and y in metres, such as [0.75, 8.75]");
    }

    private record Goal(float x, float y) {}

    private static Set<Goal> goals(Map<String, Object> kwargs) {
        var goals = new HashSet<Goal>();
        try (var world = Workers.around(REQUIREMENTS, "SeenAntMaze", kwargs)) {
            for (var episode = 0; episode < 20; episode++) {
                var seen = world.reset(0, new Seeds(0).generator("episode", episode));
                goals.add(new Goal(seen[0], seen[1]));
            }
        }
        return goals;
    }
}
