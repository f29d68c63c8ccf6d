package io.hindcast.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The tables of hindcast; each has its schema in {@code data-schema/}. */
public enum TableName {
    TRANSITIONS(2),
    EPISODES(1),
    QUARANTINE(1),
    NOVELTY(1),
    DATASET_STATE(1),
    DATASET_STATS(2),
    SUBSETS(1),
    SUBSET_STEPS(1),
    RUNS(1),
    METRICS(1),
    EVALUATIONS(2);

    private final int schemaVersion;

    TableName(int schemaVersion) {
        this.schemaVersion = schemaVersion;
    }

    /** The table's directory under the output directory, which is also its name: {@code dataset_stats}. */
    public String directory() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Columns, types and nullability, read from the schema file. */
    public StructType schema() {
        var resource = "schema/" + directory() + ".json";
        try (var in = TableName.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("Cannot read " + resource + ": it is not on the class path");
            }
            return (StructType) DataType.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rises when the schema changes; versions written under another number are refused. */
    public int schemaVersion() {
        return schemaVersion;
    }

    @Override
    public String toString() {
        return directory();
    }
}
