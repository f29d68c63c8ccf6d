package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.table.parquet.PartWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @TempDir
    Path directory;

    @Test
    void aTransitionComesBackAsItWas() throws IOException {
        for (var transition : List.of(FULL, BARE)) {
            assertThat(throughSpark(transition)).usingRecursiveComparison().isEqualTo(transition);
        }
    }

    private Transition throughSpark(Transition transition) throws IOException {
        var schema = TableName.TRANSITIONS.schema();
        var name = transition.episodeId() + ".parquet";
        try (var writer = new PartWriter(schema, directory.toString(), name, new Configuration())) {
            TransitionsTable.write(transition, writer);
            writer.finish();
        }
        var file = directory.resolve(name).toString();
        return TransitionRow.transition(
                LocalSpark.session().read().schema(schema).parquet(file).first());
    }
}
