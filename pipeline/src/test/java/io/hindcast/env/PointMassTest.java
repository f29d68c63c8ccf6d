package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.env.Maze.Cell;
import io.hindcast.env.Maze.Point;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PointMassTest {
    private final PointMass medium = (PointMass) Environments.named("pointmass-medium");

    @Test
    void anEpisodeStartsAtTheStart() {
        assertThat(medium.reset(new SplittableRandom(1))).containsExactly(0.5f / 6, 0.5f / 6);
    }

    @Test
    void withoutNoiseAnActionMovesByOneAndSlidesAlongWalls() {
        medium.place(new Point(0.5, 0.5));
        medium.step(2, 0, 0);
        assertThat(medium.state().column()).isCloseTo(1.5, within(1e-12));
        // Column 2 is a wall, and the disturbance carries the point along it by 0.5 * 0.4.
        medium.step(2, 0.4, 0);
        assertThat(medium.state().row()).isCloseTo(0.7, within(1e-12));
        assertThat(medium.state().column()).isBetween(1.89, 2.0);
    }

    @Test
    void theDisturbanceIsDrawnForAxis0AndThenForAxis1() {
        var random = new SplittableRandom(3);
        var row = random.nextGaussian();
        var column = random.nextGaussian();
        var replayed = (PointMass) Environments.named("pointmass-hard");
        replayed.place(replayed.maze().start());
        replayed.step(2, row, column);

        var hard = (PointMass) Environments.named("pointmass-hard");
        hard.reset(new SplittableRandom(3));
        hard.step(new Action.Index(2));

        assertThat(hard.state()).isEqualTo(replayed.state());
    }

    @Test
    void theStepLimitTruncatesAndThenNoStepMayFollow() {
        medium.reset(new SplittableRandom(1));
        for (var i = 1; i < 150; i++) {
            assertThat(medium.step(new Action.Index(3)).done()).isFalse();
        }
        var last = medium.step(new Action.Index(3));
        assertThat(last.truncated()).isTrue();
        assertThat(last.terminated()).isFalse();
        assertThatThrownBy(() -> medium.step(new Action.Index(3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot step pointmass-medium: no episode is running");
    }

    @Test
    void theGoalTerminatesEvenInTheLastStep() {
        var easy = (PointMass) Environments.named("pointmass-easy");
        easy.place(new Point(1.5, 9));
        for (var i = 1; i < 50; i++) {
            easy.step(0, 0, 0);
        }
        // Velocity 1 + 0.5 * 10 on axis 0 leads from row 1.5 to row 7.5, within 2 of the goal at (9, 9).
        var last = easy.step(4, 10, 0);
        assertThat(last.reward()).isZero();
        assertThat(last.terminated()).isTrue();
        assertThat(last.truncated()).isFalse();
    }

    @Test
    void onlyItsFiveActionsAreTaken() {
        medium.reset(new SplittableRandom(1));
        assertThatThrownBy(() -> medium.step(new Action.Index(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot step pointmass-medium: Index[index=5] is not one of its actions");
    }

    @Test
    void distancesAreCountedAroundWalls() {
        var maze = medium.maze();
        var distances = maze.distancesTo(maze.cellAt(maze.goal()));
        assertThat(distances[1][5]).isZero();
        assertThat(distances[0][4]).isEqualTo(2);
        assertThat(distances[1][4]).isEqualTo(-1);
        assertThat(distances[0][0]).isEqualTo(20);
        assertThat(maze.freeCells()).hasSize(21).contains(new Cell(5, 4)).doesNotContain(new Cell(0, 2));
        assertThat(maze.cellAt(new Point(6, 0))).isEqualTo(new Cell(5, 0));
        assertThat(maze.isFree(new Cell(-1, 0))).isFalse();
    }

    @Test
    void anUnknownEnvironmentIsAnsweredWithTheNearestName() {
        assertThatThrownBy(() -> Environments.named("pointmass-medum"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use environment 'pointmass-medum': there is no such environment; "
                        + "did you mean 'pointmass-medium'?");
    }
}
