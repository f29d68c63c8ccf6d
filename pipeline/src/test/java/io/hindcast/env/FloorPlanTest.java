package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.env.FloorPlan.Point;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloorPlanTest {
    @Test
    void anObservationOfAPointMassIsWhereItStands() {
        var world = new PointMass("pointmass-hard", Maze.BY_NAME.get("pointmass-hard"));
        var floor = FloorPlan.of("pointmass-hard").orElseThrow();
        var observation = world.place(new Maze.Point(20, 5.5));
        assertThat(floor.x().of(observation)).isCloseTo(20, within(1e-5));
        assertThat(floor.y().of(observation)).isCloseTo(5.5, within(1e-5));
        assertThat(floor.oppositeCorner()).isEqualTo(new Point(22, 22));
        assertThat(floor.start()).isEqualTo(new Point(2, 2));
        assertThat(floor.goal().centre()).isEqualTo(new Point(20, 20));
    }

    @Test
    void theFirstTextOfWallsIsTheFirstColumnOfX() {
        // The medium maze has a wall at row 0, column 2, and none at row 2, column 0.
        var walls = FloorPlan.of("pointmass-medium").orElseThrow().walls();
        assertThat(walls.get(0)).isEqualTo("..#...");
        assertThat(walls.get(2).charAt(0)).isEqualTo('.');
    }

    @Test
    void umazeIsAUOfSevenCellsAroundAWall() {
        var floor = FloorPlan.of("antmaze-umaze").orElseThrow();
        assertThat(floor.walls()).containsExactly("#####", "#.#.#", "#.#.#", "#...#", "#####");
        assertThat(floor.corner()).isEqualTo(new Point(-6, -6));
        assertThat(floor.oppositeCorner()).isEqualTo(new Point(14, 14));
        assertThat(floor.goal()).isEqualTo(new FloorPlan.Goal(new Point(0, 8), new Point(1.5, 9.5), 0.5));
        assertThat(floor.x().of(new float[] {3, 7, 9})).isEqualTo(3);
        assertThat(floor.y().of(new float[] {3, 7, 9})).isEqualTo(7);
    }

    @Test
    void theGoalOfMediumIsInItsFarCorner() {
        var floor = FloorPlan.of("antmaze-medium-diverse").orElseThrow();
        assertThat(floor.goal().low()).isEqualTo(new Point(20, 20));
        assertThat(floor.goal().high()).isEqualTo(new Point(21.5, 21.5));
        assertThat(String.join("", floor.walls()).chars().filter(cell -> cell == '.'))
                .hasSize(26);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pointmass-easy", "pointmass-veryhard", "antmaze-umaze", "antmaze-medium-diverse"})
    void startAndGoalStandOnTheFloorNotInAWall(String environment) {
        var floor = FloorPlan.of(environment).orElseThrow();
        assertThat(cell(floor, floor.start())).isEqualTo('.');
        assertThat(cell(floor, floor.goal().low())).isEqualTo('.');
        assertThat(cell(floor, floor.goal().high())).isEqualTo('.');
    }

    @Test
    void anEnvironmentWithoutAFloorHasNoPlan() {
        assertThat(FloorPlan.of("cartpole")).isEmpty();
        assertThat(FloorPlan.of("gymnasium:HalfCheetah-v4")).isEmpty();
    }

    private static char cell(FloorPlan floor, Point point) {
        var column = (int) Math.floor((point.x() - floor.corner().x()) / floor.cell());
        var row = (int) Math.floor((point.y() - floor.corner().y()) / floor.cell());
        return floor.walls().get(column).charAt(row);
    }
}
