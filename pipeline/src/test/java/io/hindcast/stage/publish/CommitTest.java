package io.hindcast.stage.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** Whose rows a copy holds, told from the history of its table. */
class CommitTest {
    private static final StructType DELTA = StructType.fromDDL("version BIGINT, operation STRING, userMetadata STRING");
    private static final StructType ICEBERG = StructType.fromDDL(
            "snapshot_id BIGINT, parent_id BIGINT, committed_at TIMESTAMP, operation STRING, summary MAP<STRING, STRING>");
    private static final Map<String, String> FIRST = Map.of("hindcast", "hindcast estimates v1 abc");
    private static final Map<String, String> SECOND = Map.of("hindcast", "hindcast estimates v2 def");

    @Test
    void theVersionBeforeIsReplacedWithoutALine() {
        var history = List.of(snapshot(2, 1L, "overwrite", SECOND), snapshot(1, null, "append", FIRST));
        assertThat(Commit.ofIceberg(history, 2L).flatMap(this::told)).isEmpty();
        assertThat(Commit.ofIceberg(history, null)).isEmpty();
    }

    @Test
    void aVersionOfOursThatSomebodyWentBackToIsNamed() {
        var history = List.of(snapshot(2, 1L, "overwrite", SECOND), snapshot(1, null, "append", FIRST));
        assertThat(Commit.ofIceberg(history, 1L).flatMap(this::told))
                .contains("told holds estimates v1 again, of snapshot 1 (append): it is replaced by estimates v3");
    }

    @Test
    void aSnapshotThatSaysNothingOfItselfIsForeign() {
        var history = List.of(snapshot(2, 1L, null, null), snapshot(1, null, "append", FIRST));
        assertThat(Commit.ofIceberg(history, 2L).flatMap(this::told))
                .contains("told holds what did not come from here, of snapshot 2: it is replaced by estimates v3");
    }

    @Test
    void whatWasWrittenAgainAndWhoseOriginHasExpiredIsTold() {
        var history = List.of(snapshot(3, 2L, "replace", Map.of()), snapshot(2, 1L, "replace", Map.of()));
        assertThat(Commit.ofIceberg(history, 3L).flatMap(this::told))
                .contains("told holds rows of snapshot 1, which its history no longer has: they are replaced by"
                        + " estimates v3");
    }

    @Test
    void ofDeltaTheNewestThatChangedRowsCounts() {
        var history = List.of(
                version(9, "OPTIMIZE", null),
                version(8, "WRITE", null),
                version(7, "WRITE", "hindcast estimates v2 def"));
        assertThat(Commit.ofDelta(history, (version, operation) -> version == 8).flatMap(this::told))
                .contains(
                        "told holds what did not come from here, of version 8 (WRITE): it is replaced by estimates v3");
        assertThat(Commit.ofDelta(history, (version, operation) -> false).flatMap(this::told))
                .isEmpty();
        assertThat(Commit.ofDelta(history.subList(0, 2), (version, operation) -> false)
                        .flatMap(this::told))
                .contains("told holds rows of a version before 8, which its history no longer has: they are replaced by"
                        + " estimates v3");
        assertThat(Commit.ofDelta(List.of(version(0, "CREATE TABLE", null)), (version, operation) -> false))
                .isEmpty();
    }

    private Optional<String> told(Commit commit) {
        return commit.told("told", "estimates v3");
    }

    private static Row version(long version, String operation, @Nullable String note) {
        return new GenericRowWithSchema(new @Nullable Object[] {version, operation, note}, DELTA);
    }

    private static Row snapshot(
            long id, @Nullable Long parent, @Nullable String operation, @Nullable Map<String, String> summary) {
        return new GenericRowWithSchema(
                new @Nullable Object[] {
                    id,
                    parent,
                    new Timestamp(id),
                    operation,
                    summary == null ? null : CollectionConverters.asScala(summary)
                },
                ICEBERG);
    }
}
