package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.GoldenFolder;
import io.hindcast.data.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Replays recorded trajectories of the cart and the pendulum, which know no time limit. */
public final class ClassicControlGoldenTest {
    private static final double TOLERANCE = 1e-6;

    @Test
    void theCartIsReplayed() throws IOException {
        verifyCartPole(fixture("cartpole.json"));
    }

    @Test
    void thePendulumIsReplayed() throws IOException {
        verifyPendulum(fixture("pendulum.json"));
    }

    private static JsonNode fixture(String name) throws IOException {
        var file = GoldenFolder.path().resolve(name);
        assumeTrue(Files.exists(file), "this folder has no " + name);
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void episodesAreTruncatedAtTheirLimitsAndBeginWhereTheyShould() {
        var pendulum = new Pendulum();
        pendulum.reset(new SplittableRandom(1));
        assertThat(Math.abs(pendulum.state()[0])).isLessThan(Math.PI);
        for (var i = 1; i <= 200; i++) {
            var step = pendulum.step(new Action.Vector(new float[] {0}));
            assertThat(step.truncated()).isEqualTo(i == 200);
        }
        var cart = new CartPole();
        assertThat(cart.reset(new SplittableRandom(1))).hasSize(4);
        var steps = 1;
        while (!cart.step(new Action.Index(1)).terminated()) {
            steps++;
        }
        assertThat(steps).isBetween(5, 15); // pushed one way only, the pole falls at once
    }

    /** Checks a fixture of the cart. */
    public static void verifyCartPole(JsonNode fixture) {
        var cart = new CartPole();
        assertThat(cart.maxEpisodeSteps())
                .isEqualTo(fixture.get("max_episode_steps").asInt());
        assertThat(fixture.get("trajectories")).isNotEmpty();
        for (var trajectory : fixture.get("trajectories")) {
            for (var segment : trajectory.get("segments")) {
                cart.place(numbers(segment.get("initial_state")));
                for (var i = 0; i < segment.get("actions").size(); i++) {
                    var step = cart.step(
                            new Action.Index(segment.get("actions").get(i).asInt()));
                    close(cart.state(), segment.get("next_states").get(i));
                    assertThat(step.reward())
                            .isEqualTo(segment.get("rewards").get(i).asDouble());
                    assertThat(step.terminated())
                            .isEqualTo(segment.get("terminated").get(i).asInt() == 1);
                }
            }
        }
    }

    /** Checks a fixture of the pendulum. */
    public static void verifyPendulum(JsonNode fixture) {
        var pendulum = new Pendulum();
        assertThat(pendulum.maxEpisodeSteps())
                .isEqualTo(fixture.get("max_episode_steps").asInt());
        assertThat(fixture.get("trajectories")).isNotEmpty();
        for (var trajectory : fixture.get("trajectories")) {
            var first = numbers(trajectory.get("initial_state"));
            pendulum.place(first[0], first[1]);
            for (var i = 0; i < trajectory.get("actions").size(); i++) {
                if (i % 100 == 99) {
                    pendulum.place(pendulum.state()[0], pendulum.state()[1]); // the recording is not truncated
                }
                var step = pendulum.step(trajectory.get("actions").get(i).asDouble());
                close(pendulum.state(), trajectory.get("next_states").get(i));
                var observation = step.observation();
                close(
                        new double[] {observation[0], observation[1], observation[2]},
                        trajectory.get("next_observations").get(i));
                close(new double[] {step.reward()}, trajectory.get("rewards").get(i));
                assertThat(step.terminated()).isFalse();
            }
        }
    }

    private static void close(double[] actual, JsonNode expected) {
        var numbers = expected.isArray() ? numbers(expected) : new double[] {expected.asDouble()};
        assertThat(actual).hasSameSizeAs(numbers);
        for (var i = 0; i < numbers.length; i++) {
            assertThat(actual[i]).isCloseTo(numbers[i], within(TOLERANCE * Math.max(1, Math.abs(numbers[i]))));
        }
    }

    private static double[] numbers(JsonNode array) {
        var numbers = new double[array.size()];
        for (var i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }
}
