package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.Part;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow") // its packages are large
class HammerTest {
    private static final Action STILL = new Action.Vector(new float[4]);

    @BeforeAll
    static void isOfItsDay() {
        Part.require(1);
    }

    @Test
    void anEpisodeHasFiftyStepsAndShowsTheGoal() {
        try (var world = Workers.ours("metaworld-hammer", "", 1)) {
            assertThat(world.observationSize()).isEqualTo(39);
            assertThat(world.actionSpace()).isEqualTo(new ActionSpace.Continuous(4, -1, 1));
            assertThat(world.maxEpisodeSteps()).isEqualTo(50);
            var first = world.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(first).endsWith(0.24f, 0.74f, 0.11f);
            assertThat(first[4]).as("the hammer's x").isBetween(-0.15f, 0.15f);
            for (var t = 1; t <= 50; t++) {
                var step = Objects.requireNonNull(world.step(new Action[] {STILL})[0]);
                assertThat(step.observation()).endsWith(0.24f, 0.74f, 0.11f);
                assertThat(step.reward()).isZero();
                assertThat(step.success()).isFalse();
                assertThat(step.truncated()).isEqualTo(t == 50);
            }
        }
    }

    @Test
    void anEpisodeIsAFunctionOfItsSeedWhateverWasPlayedBefore() {
        try (var world = Workers.ours("metaworld-hammer", "", 2)) {
            var fresh = play(world, 0, 5);
            play(world, 1, 4);
            assertThat(play(world, 1, 5)).usingRecursiveComparison().isEqualTo(fresh);
            assertThat(play(world, 0, 6)).usingRecursiveComparison().isNotEqualTo(fresh);
        }
    }

    @Test
    void metaWorldsOwnPolicyDrivesTheNailIn() {
        try (var world = Workers.around("requirements-metaworld.txt", "ScriptedHammer", Map.of())) {
            var successes = 0;
            for (var episode = 0; episode < 20; episode++) {
                world.reset(0, new Seeds(2).generator("episode", episode));
                Environment.Step step;
                do {
                    step = Objects.requireNonNull(world.step(new Action[] {STILL})[0]);
                    assertThat(step.reward()).isEqualTo(Boolean.TRUE.equals(step.success()) ? 1 : 0);
                } while (!step.done());
                successes += Boolean.TRUE.equals(step.success()) ? 1 : 0;
            }
            assertThat(successes).isGreaterThanOrEqualTo(15);
        }
    }

    private static List<float[]> play(VectorEnvironment world, int instance, int episode) {
        var random = new Seeds(1).generator("episode", episode);
        var behaviour = new RandomBehaviour(world.actionSpace());
        var seen = new ArrayList<>(List.of(world.reset(instance, random)));
        Environment.Step step;
        do {
            var actions = new Action[2];
            actions[instance] = behaviour.act(new float[0], null, random).action();
            step = Objects.requireNonNull(world.step(actions)[instance]);
            seen.add(step.observation());
        } while (!step.done());
        return seen;
    }
}
