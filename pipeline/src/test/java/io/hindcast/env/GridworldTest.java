package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.data.Action;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GridworldTest {
    private static final int LEFT = 0;
    private static final int RIGHT = 1;
    private static final int DOWN = 2;
    private static final int UP = 3;

    @Test
    void anEpisodeBeginsInTheCornerAndStaysThereAtTheBorder() {
        var world = new Gridworld("gridworld-1", new Gridworld.Rewards(-1, 10, 5));
        assertThat(cell(world.reset(new SplittableRandom(1)))).isZero();
        assertThat(cell(world.step(new Action.Index(LEFT)).observation())).isZero();
        assertThat(cell(world.step(new Action.Index(DOWN)).observation())).isZero();
        assertThat(cell(world.step(new Action.Index(UP)).observation())).isEqualTo(5);
        assertThat(cell(world.step(new Action.Index(RIGHT)).observation())).isEqualTo(6);
        world.place(4, 2);
        assertThat(cell(world.step(new Action.Index(RIGHT)).observation())).isEqualTo(14);
        world.place(3, 3);
        assertThat(cell(world.step(new Action.Index(UP)).observation())).isEqualTo(18);
    }

    @ParameterizedTest
    @CsvSource({"gridworld-1, -1, 9, 4", "gridworld-2, -2, 8, 3", "gridworld-3, 1, 2, 2"})
    void aStepThatEntersAGoalEarnsItsRewardBesideTheSteps(String name, double step, double first, double second) {
        var world = (Gridworld) Environments.named(name);
        world.place(0, 0);
        var plain = world.step(new Action.Index(RIGHT));
        assertThat(plain.reward()).isEqualTo(step);
        assertThat(plain.done()).isFalse();
        assertThat(plain.success()).isFalse();
        world.place(4, 2);
        var atFirst = world.step(new Action.Index(UP));
        assertThat(atFirst.reward()).isEqualTo(first);
        assertThat(atFirst.terminated()).isTrue();
        assertThat(atFirst.success()).isTrue();
        world.place(3, 0);
        var atSecond = world.step(new Action.Index(RIGHT));
        assertThat(atSecond.reward()).isEqualTo(second);
        assertThat(atSecond.terminated()).isTrue();
    }

    @Test
    void twentyStepsTruncate() {
        var world = Environments.named("gridworld-3");
        world.reset(new SplittableRandom(1));
        for (var i = 1; i < 20; i++) {
            assertThat(world.step(new Action.Index(LEFT)).done())
                    .as("step " + i)
                    .isFalse();
        }
        var last = world.step(new Action.Index(LEFT));
        assertThat(last.truncated()).isTrue();
        assertThat(last.terminated()).isFalse();
        assertThatThrownBy(() -> world.step(new Action.Index(LEFT)))
                .hasMessage("Cannot step gridworld-3: no episode is running");
    }

    @Test
    void thereIsNoFifthAction() {
        var world = Environments.named("gridworld-1");
        world.reset(new SplittableRandom(1));
        assertThatThrownBy(() -> world.step(new Action.Index(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not one of its actions");
    }

    private static int cell(float[] observation) {
        var cell = -1;
        for (var i = 0; i < observation.length; i++) {
            if (observation[i] == 1) {
                assertThat(cell).as("one cell only").isEqualTo(-1);
                cell = i;
            } else {
                assertThat(observation[i]).isZero();
            }
        }
        return cell;
    }
}
