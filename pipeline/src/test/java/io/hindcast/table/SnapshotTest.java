package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.timeline.Assembled;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    private static final List<@Nullable Object[]> STATE = List.<@Nullable Object[]>of(new Object[] {new byte[] {1}});

    @TempDir
    Path out;

    private Warehouse warehouse;

    @BeforeEach
    void haveTransitions() {
        warehouse = new Warehouse(LocalSpark.session(), out.toString());
        var transition = new Transition(
                "one",
                0,
                new float[] {1},
                new Action.Index(0),
                1,
                new float[] {2},
                true,
                false,
                null,
                null,
                null,
                null,
                "a.csv",
                0);
        try (var publication = warehouse.begin(TableName.TRANSITIONS);
                var writer = new DatasetWriter(publication)) {
            var written = writer.write(List.of(Assembled.of(List.of(transition))));
            writer.publish(written, new Request("ingest", Map.of(), List.of(), List.of()), Optional.empty(), Map.of());
        }
    }

    @Test
    void whatIsPublishedAfterItBeganIsNotInItAndIsNamed() {
        var before = warehouse.snapshot();
        assertThat(before.find(TableName.DATASET_STATE)).isEmpty();
        var transitions = before.require(TableName.TRANSITIONS).asParent();

        warehouse.publish(
                TableName.DATASET_STATE, new Request("stats", Map.of(), List.of(transitions), List.of()), STATE);

        assertThatThrownBy(() -> before.require(TableName.DATASET_STATE))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read dataset_state in " + out
                        + ": dataset_state v1 was published after this began; run it again");
        assertThat(before.leftOut()).containsExactly("dataset_state v1 was published after this began; run it again");
        assertThat(warehouse.snapshot().find(TableName.DATASET_STATE)).isPresent();
    }

    @Test
    void aTableThatThereIsOnRequestOnlyIsMissedWhereItWasAskedFor() {
        judge(Map.of("episodes", false, "audit", "version"));
        assertThat(warehouse.snapshot().leftOut()).isEmpty();

        FileUtils.deleteQuietly(out.resolve("promises").toFile());
        assertThat(warehouse.snapshot().leftOut())
                .containsExactly("promises of estimates v1 is missing; put it back, or remove " + out
                        + "/estimates and run judge with --out " + out + " again");

        judge(Map.of("episodes", true, "audit", "version"));
        assertThat(warehouse.snapshot().leftOut())
                .containsExactly("judged_episodes of estimates v2 is missing; put it back, or remove " + out
                        + "/estimates and run judge with --out " + out + " again");
    }

    /** With promises, and without the episodes. */
    private void judge(Map<String, Object> asked) {
        var request = new Request("judge", asked, List.of(), List.of());
        try (var publication = warehouse.begin(TableName.ESTIMATES)) {
            publication.beside(TableName.PROMISES, request, List.of());
            publication.publish(request, List.of());
        }
    }
}
