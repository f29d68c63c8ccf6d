package io.hindcast.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.stats.VisitGrid.Cell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisitGridTest {
    private static final float[][] WALK = {{0, 0}, {1, -1}, {2, 0}, {3, -5}, {-4, 1}, {5, 2}, {1e9f, 2}, {1, 1}};

    @Test
    void aGivenWidthCutsAtItsMultiples() {
        var grid = VisitGrid.fixed(0.5, 2);
        grid.add(new float[] {0.49f, -0.1f}, 1);
        grid.add(new float[] {0.5f, 0}, 1);
        grid.add(new float[] {0.1f, -2}, 2);

        assertThat(grid.plane()).containsExactly(new Cell(0, -1, 2), new Cell(1, 0, 1));
        assertThat(grid.states()).isEqualTo(3);
        assertThat(grid.sharedStates()).isEqualTo(2);
        assertThat(grid.width(0)).isEqualTo(0.5);
    }

    @Test
    void theWidthIsTheLeastPowerOfTwoThatLeavesFewIntervals() {
        // 0, 1, 2, 3, 5, -4 and 1e9 are 7 intervals of width 1; of width 2 there are 0, 1, 2, -2 and the far one: 5.
        var grid = grid(5, 0, WALK.length);

        assertThat(grid.width(0)).isEqualTo(2);
        // 0, -1, -5, 1, 2 are 5 of width 1; 0.5 would do as well, down to the finest that tells them apart no further.
        assertThat(grid.width(1)).isLessThan(1);
        assertThat(grid(4, 0, WALK.length).width(1)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 6, 8})
    void whereTheStatesAreCutDoesNotMatter(int cut) {
        var left = grid(3, 0, cut);
        var right = grid(3, cut, WALK.length);
        left.merge(right);
        right.merge(grid(3, 0, cut));

        assertThat(bytes(left)).isEqualTo(bytes(grid(3, 0, WALK.length)));
        assertThat(bytes(right)).isEqualTo(bytes(left));
        assertThat(bytes(VisitGrid.read(new StateReader(bytes(left))))).isEqualTo(bytes(left));
        assertThat(left.states()).isEqualTo(8);
    }

    @Test
    void aWidthThatMakesTooManyCellsIsRefused() {
        var grid = VisitGrid.fixed(1e-6);
        assertThatThrownBy(() -> {
                    for (var i = 0; i <= VisitGrid.MOST_CELLS; i++) {
                        grid.add(new float[] {i}, 1);
                    }
                })
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot count visits: there are more than 1048576 cells of width [1.0E-6]; give wider ones as"
                                + " coverage.widths, or none");
    }

    private static VisitGrid grid(int intervals, int from, int to) {
        var grid = VisitGrid.adaptive(2, intervals);
        for (var i = from; i < to; i++) {
            grid.add(WALK[i], i % 3);
        }
        return grid;
    }

    private static byte[] bytes(VisitGrid grid) {
        var out = new StateWriter();
        grid.write(out);
        return out.bytes();
    }
}
