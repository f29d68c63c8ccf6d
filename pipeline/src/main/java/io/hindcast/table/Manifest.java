package io.hindcast.table;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.hindcast.data.Findings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a version holds and where it comes from: the content of its {@code _manifest.json}. The fields are explained in
 * {@code data-schema/README.md}.
 *
 * @param episodes distinct episodes, null for a table without an {@code episode_id}
 * @param created an ISO-8601 instant
 * @param findings what was left out, unknown or guessed when logs were read; null if nothing is told
 * @param schema its columns, as Spark writes a {@code StructType}; null where the table's schema file says them
 * @param publication what it was put in place with; null if nothing was, or a hindcast wrote it that did not say so
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Manifest(
        String table,
        int version,
        int schemaVersion,
        long rows,
        @Nullable Long episodes,
        String fingerprint,
        String requestKey,
        String job,
        Map<String, Object> configuration,
        List<Parent> parents,
        List<Input> inputs,
        List<DataFile> files,
        String created,
        String hindcastVersion,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Findings findings,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Publication publication,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable JsonNode schema) {
    /** Holds no JSON null, which is what one is read as that is not there. */
    public Manifest {
        schema = schema == null || schema.isNull() ? null : schema;
    }

    /** A version that was read to make this one. */
    public record Parent(String table, int version, String fingerprint) {}

    /**
     * Versions of several tables that were put in place one by one, and are published once the last of them is.
     *
     * @param table the table of the last
     * @param version the number of the last
     * @param id different for each
     */
    public record Publication(String table, int version, String id) {}

    /** A file of the version; {@code name} is relative to its directory. */
    public record DataFile(String name, long bytes, String sha256) {}

    /** The version of a table that this one names as read. */
    Optional<Parent> parent(TableName named) {
        return parents.stream()
                .filter(parent -> parent.table().equals(named.directory()))
                .findFirst();
    }
}
