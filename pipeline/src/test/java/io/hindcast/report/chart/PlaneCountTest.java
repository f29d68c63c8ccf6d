package io.hindcast.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.report.chart.StateMap.Cell;
import org.junit.jupiter.api.Test;

class PlaneCountTest {
    @Test
    void aPointIsCountedInItsCellAndOneBeyondInTheCellAtTheEdge() {
        var count = new PlaneCount(0, 2, 10, 13, 2, 3);
        count.add(0.5, 12.9);
        count.add(1, 10);
        count.add(2, 13);
        count.add(1e300, -1e300);
        count.add(Double.NaN, 11);
        count.add(1, Double.POSITIVE_INFINITY);

        assertThat(count.density().cells()).containsExactly(new Cell(0, 2, 1), new Cell(1, 0, 2), new Cell(1, 2, 1));
    }

    @Test
    void countsOfPartsAddUp() {
        var one = new PlaneCount(0, 1, 0, 1, 1, 1);
        one.add(0.5, 0.5);
        var other = one.empty();
        other.add(0.1, 0.1);
        other.add(0.2, 0.2);

        assertThat(one.merge(other).density().cells()).containsExactly(new Cell(0, 0, 3));
    }

    @Test
    void boundsAreThoseOfAllPartsAndPointsOnALineHaveNoArea() {
        var one = new PlaneBounds();
        one.add(1, 2);
        one.add(Double.NaN, 9);
        assertThat(one.isArea()).isFalse();
        var other = new PlaneBounds();
        other.add(1, 5);
        assertThat(one.merge(other).isArea()).isFalse();
        other.add(4, 4);

        var density = one.merge(other).merge(new PlaneBounds()).count(3, 3).density();

        assertThat(new double[] {density.xLow(), density.xHigh(), density.yLow(), density.yHigh()})
                .containsExactly(1, 4, 2, 5);
    }
}
