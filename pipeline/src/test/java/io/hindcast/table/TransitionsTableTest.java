package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import java.util.List;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class TransitionsTableTest {
    private static final Transition FULL = new Transition(
            "e",
            3,
            new float[] {1, 2},
            new Action.Index(1),
            0.5,
            new float[] {3, 4},
            false,
            true,
            -0.25,
            new boolean[] {true, false},
            1.5,
            "g",
            "a.csv",
            7,
            "{\"country\":\"NA\"}");
    private static final Transition BARE = new Transition(
            "f",
            0,
            new float[] {1},
            new Action.Vector(new float[] {0.5f}),
            0,
            new float[] {2},
            true,
            false,
            null,
            null,
            null,
            null,
            "b.csv",
            0);

    @Test
    void aTransitionComesBackAsItWas() {
        for (var transition : List.of(FULL, BARE)) {
            assertThat(throughSpark(transition)).usingRecursiveComparison().isEqualTo(transition);
        }
    }

    private static Transition throughSpark(Transition transition) {
        var spark = LocalSpark.session();
        var rows = List.of(RowFactory.create(TransitionsTable.values(transition)));
        return TransitionRow.transition(
                spark.createDataFrame(rows, TableName.TRANSITIONS.schema()).first());
    }
}
