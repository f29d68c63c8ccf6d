package io.hindcast.judge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.LoggedSteps;
import io.hindcast.data.Spaces;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacedStepsTest {
    private static final int ROWS = 400;

    @Test
    void batchesAreOfOneSetOfEpisodesEachAndAStepKeepsItsPlace() {
        var together = PlacedSteps.of(steps(1));
        var apart = PlacedSteps.of(steps(2));
        assertThat(setsOfBatches(together, 2)).contains(2);
        assertThat(setsOfBatches(apart, 2)).containsOnly(1);
        assertThat(places(apart)).isEqualTo(places(together));
    }

    @Test
    void manySetsShareBatchesWhichWouldBeEmptyOtherwise() {
        assertThat(PlacedSteps.of(steps(100)).rows())
                .isEqualTo(PlacedSteps.of(steps(1)).rows());
    }

    /** How many sets each batch has rows of. */
    private static List<Integer> setsOfBatches(PlacedSteps placed, int sets) {
        return IntStream.range(0, placed.batches().size())
                .mapToObj(b -> {
                    var found = new HashSet<Integer>();
                    for (var i = 0; i < PlacedSteps.WIDTH; i++) {
                        var row = placed.rows()[b * PlacedSteps.WIDTH + i];
                        if (row >= 0) {
                            found.add(row % sets);
                            assertThat(placed.batches().get(b).observations()[i])
                                    .isEqualTo(row);
                        }
                    }
                    return found.size();
                })
                .toList();
    }

    /** Where in its batch a step stands, {@code [rows]}. */
    private static int[] places(PlacedSteps placed) {
        var places = new int[ROWS];
        Arrays.fill(places, -1);
        for (var i = 0; i < placed.rows().length; i++) {
            if (placed.rows()[i] >= 0) {
                places[placed.rows()[i]] = i % PlacedSteps.WIDTH;
            }
        }
        assertThat(places).doesNotContain(-1);
        return places;
    }

    /** Episodes of a step each, which see their number and are in one of some sets. */
    private static LoggedSteps steps(int sets) {
        var batch = new Batch(new Spaces(1, new ActionSpace.Discrete(2)), ROWS);
        for (var row = 0; row < ROWS; row++) {
            batch.observations()[row] = row;
        }
        return new LoggedSteps(
                batch,
                IntStream.range(0, ROWS).mapToObj(row -> "episode " + row).toArray(String[]::new),
                new long[ROWS],
                new double[ROWS],
                new double[ROWS],
                new double[ROWS],
                new boolean[ROWS],
                List.of(),
                Map.of(),
                IntStream.range(0, ROWS).mapToLong(row -> row % sets).toArray());
    }
}
