package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.GoldenFolder;
import io.hindcast.env.Maze.Cell;
import io.hindcast.env.Maze.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays recorded trajectories; {@code -Dhindcast.golden=FOLDER} takes them from elsewhere. */
public final class PointMassGoldenTest {
    /** Everything below, for the fixture of that name. */
    public static void verify(JsonNode fixture) {
        var test = new PointMassGoldenTest();
        assertThat(fixture.get("environments")).isNotEmpty();
        for (var environment : fixture.get("environments")) {
            test.theMazeIsTheRecordedOne(environment);
            test.everyRecordedTrajectoryIsReplayed(environment);
        }
    }

    static Stream<JsonNode> environments() throws IOException {
        var file = GoldenFolder.path().resolve("pointmass.json");
        assumeTrue(Files.exists(file), "this folder has no point masses");
        var environments = new ObjectMapper().readTree(file.toFile()).get("environments");
        assertThat(environments).isNotEmpty();
        return StreamSupport.stream(environments.spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("environments")
    void theMazeIsTheRecordedOne(JsonNode recorded) {
        var environment = environment(recorded);
        var maze = environment.maze();
        assertThat(maze.height()).isEqualTo(recorded.get("height").asInt());
        assertThat(maze.width()).isEqualTo(recorded.get("width").asInt());
        assertThat(maze.start()).isEqualTo(point(recorded.get("start")));
        assertThat(maze.goal()).isEqualTo(point(recorded.get("goal")));
        assertThat(maze.goalRadius()).isEqualTo(recorded.get("goal_radius").asDouble());
        assertThat(environment.maxEpisodeSteps())
                .isEqualTo(recorded.get("max_episode_steps").asInt());
        for (var row = 0; row < maze.height(); row++) {
            for (var column = 0; column < maze.width(); column++) {
                var free = recorded.get("map").get(row).asText().charAt(column) == '0';
                assertThat(maze.isFree(new Cell(row, column))).isEqualTo(free);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("environments")
    void everyRecordedTrajectoryIsReplayed(JsonNode recorded) {
        var environment = environment(recorded);
        for (var trajectory : recorded.get("trajectories")) {
            replay(environment, trajectory);
        }
    }

    private static void replay(PointMass environment, JsonNode trajectory) {
        var episode = trajectory.get("kind").asText().equals("episode");
        var tolerance = within(trajectory.get("policy").asText().equals("edges") ? 0.0 : 1e-6);
        environment.place(point(trajectory.get("initial_state")));
        for (var i = 0; i < trajectory.get("actions").size(); i++) {
            if (!episode) {
                // A walk passes through the goal and knows no time limit.
                environment.place(environment.state());
            }
            var noise = trajectory.get("noise").get(i);
            var action = trajectory.get("actions").get(i).asInt();
            var step = environment.step(
                    action, noise.get(0).asDouble(), noise.get(1).asDouble());

            var state = point(trajectory.get("states").get(i));
            assertThat(environment.state().row()).isCloseTo(state.row(), tolerance);
            assertThat(environment.state().column()).isCloseTo(state.column(), tolerance);
            var observation = trajectory.get("observations").get(i);
            assertThat((double) step.observation()[0])
                    .isCloseTo(observation.get(0).asDouble(), within(1e-6));
            assertThat((double) step.observation()[1])
                    .isCloseTo(observation.get(1).asDouble(), within(1e-6));
            assertThat(step.reward()).isEqualTo(trajectory.get("rewards").get(i).asDouble());
            assertThat(step.terminated()).isEqualTo(flag(trajectory, "terminated", i));
            assertThat(step.truncated()).isEqualTo(flag(trajectory, "truncated", i));
        }
    }

    private static boolean flag(JsonNode trajectory, String name, int step) {
        return trajectory.get(name).get(step).asInt() == 1;
    }

    private static PointMass environment(JsonNode recorded) {
        return (PointMass)
                Environments.named("pointmass-" + recorded.get("name").asText());
    }

    private static Point point(JsonNode pair) {
        return new Point(pair.get(0).asDouble(), pair.get(1).asDouble());
    }
}
