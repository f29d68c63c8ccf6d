package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.files.ProcessMark;
import io.hindcast.timeline.Assembled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetWriterTest {
    private static final Request REQUEST = new Request("ingest", Map.of(), List.of(), List.of());

    @TempDir
    Path directory;

    private Warehouse warehouse() {
        return new Warehouse(LocalSpark.session(), directory.toString());
    }

    @Test
    void theFingerprintIsTheOneThatSparkComputes() {
        var version = publish(warehouse());

        var contents = Contents.of(warehouse().read(version), TableName.TRANSITIONS.schema());

        assertThat(version.manifest().fingerprint()).isEqualTo(contents.fingerprint());
        assertThat(version.manifest().rows()).isEqualTo(3);
        assertThat(version.manifest().episodes()).isEqualTo(2);
        var episodes = warehouse().require(TableName.EPISODES);
        assertThat(episodes.manifest().fingerprint())
                .isEqualTo(Contents.of(warehouse().read(episodes), TableName.EPISODES.schema())
                        .fingerprint());
    }

    @Test
    void ofTwoWritersTheLaterOneIsTold() {
        try (var slow = new DatasetWriter(warehouse().begin(TableName.TRANSITIONS))) {
            var written = slow.write(episodes());
            publish(warehouse());

            assertThatThrownBy(() -> slow.publish(written, REQUEST, Optional.empty()))
                    .isInstanceOf(UserException.class)
                    .hasMessage("Cannot publish transitions v1 in " + directory
                            + ": another writer published it first; run the job again");
        }
        assertThat(warehouse().require(TableName.TRANSITIONS).number()).isEqualTo(1);
    }

    @Test
    void whatAProcessThatIsNoMoreLeftBehindIsRemoved() throws IOException {
        var host = ProcessMark.ofThisProcess(".tmp-").host();
        // No process has the number 0 as its own; this one runs.
        var dead = directory.resolve("transitions/.tmp-" + host + "-0-5-" + "a".repeat(32));
        var alive = directory.resolve(
                "transitions/" + ProcessMark.ofThisProcess(".tmp-").name());
        var elsewhere = directory.resolve("transitions/.tmp-elsewhere-0-5-" + "a".repeat(32));
        for (var aside : List.of(dead, alive, elsewhere)) {
            Files.createDirectories(aside);
        }

        publish(warehouse());

        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
        assertThat(elsewhere).exists();
    }

    private static TableVersion publish(Warehouse warehouse) {
        try (var writer = new DatasetWriter(warehouse.begin(TableName.TRANSITIONS))) {
            return writer.publish(writer.write(episodes()), REQUEST, Optional.empty());
        }
    }

    private static JavaRDD<Assembled> episodes() {
        var spark = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
        return spark.parallelize(
                List.of(
                        Assembled.of(List.of(
                                transition("größe", 0, -0.0f, false), transition("größe", 1, Float.MIN_VALUE, true))),
                        Assembled.of(List.of(transition("b", 0, 3.5f, true)))),
                2);
    }

    private static Transition transition(String episode, long step, float x, boolean end) {
        return new Transition(
                episode,
                step,
                new float[] {x, -x},
                new Action.Index(7),
                -0.0,
                new float[] {x + 1, 0},
                end,
                false,
                -0.5,
                new boolean[] {true, false},
                null,
                "g",
                "a.csv",
                step);
    }
}
