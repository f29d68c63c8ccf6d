package io.hindcast.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The tables of hindcast; each has its schema in {@code data-schema/}. */
public enum TableName {
    TRANSITIONS(4, 2),
    EPISODES(2, 1),
    QUARANTINE(1),
    NOVELTY(1),
    DATASET_STATE(1),
    DATASET_STATS(2),
    SUBSETS(1),
    SUBSET_STEPS(1),
    RUNS(3, 1),
    METRICS(1),
    EVALUATIONS(3, 2),
    JUDGED_EPISODES(1),
    PROMISES(1),
    ESTIMATES(3, 1),
    PREDICTIONS(1),
    PREDICTION_QUARANTINE(1),
    VERSIONS(1),
    PROMOTIONS(1);

    private final int schemaVersion;
    private final int oldestReadable;

    TableName(int schemaVersion) {
        this(schemaVersion, schemaVersion);
    }

    /**
     * Since {@code oldestReadable} there came nothing but columns that may be null, each with {@code since} in its metadata, and there
     * went only columns that nothing reads, as many as the one before them says in {@code gone}.
     */
    TableName(int schemaVersion, int oldestReadable) {
        this.schemaVersion = schemaVersion;
        this.oldestReadable = oldestReadable;
    }

    /** The table's directory under the output directory, which is also its name: {@code dataset_stats}. */
    public String directory() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether its rows are those of another table, with all their columns and some of its own behind them: then each version says its
     * columns in its manifest, and the schema file has those of its own, under the names that they have unless others are given.
     */
    public boolean isOpen() {
        return this == PREDICTIONS || this == PREDICTION_QUARANTINE;
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

    /** The table that completes a version of this one, which nobody reads without it; empty for a table that stands alone. */
    Optional<TableName> completedBy() {
        return switch (this) {
            case EPISODES, QUARANTINE, NOVELTY -> Optional.of(TRANSITIONS);
            case SUBSET_STEPS -> Optional.of(SUBSETS);
            case METRICS -> Optional.of(RUNS);
            case JUDGED_EPISODES, PROMISES -> Optional.of(ESTIMATES);
            case PREDICTION_QUARANTINE -> Optional.of(PREDICTIONS);
            case VERSIONS -> Optional.of(PROMOTIONS);
            case TRANSITIONS,
                    DATASET_STATE,
                    DATASET_STATS,
                    SUBSETS,
                    RUNS,
                    EVALUATIONS,
                    ESTIMATES,
                    PREDICTIONS,
                    PROMOTIONS -> Optional.empty();
        };
    }

    /** The tables whose versions decide whether one of this table is out of date. */
    List<TableName> madeFrom() {
        return switch (this) {
            case TRANSITIONS,
                    EPISODES,
                    QUARANTINE,
                    NOVELTY,
                    SUBSET_STEPS,
                    METRICS,
                    JUDGED_EPISODES,
                    PROMISES,
                    PREDICTIONS,
                    PREDICTION_QUARANTINE,
                    VERSIONS,
                    PROMOTIONS -> List.of();
            case DATASET_STATE, DATASET_STATS -> List.of(TRANSITIONS);
            case SUBSETS -> List.of(TRANSITIONS, EPISODES);
            case RUNS -> List.of(TRANSITIONS, SUBSETS, SUBSET_STEPS);
            case EVALUATIONS -> List.of(RUNS);
            case ESTIMATES -> List.of(TRANSITIONS, SUBSETS, RUNS);
        };
    }

    /** Rises when the schema changes; only versions that {@link #reads} are read. */
    public int schemaVersion() {
        return schemaVersion;
    }

    /** Whether rows that were written under a version of the schema are read: columns that it had not are null. */
    boolean reads(int version) {
        return version >= oldestReadable && version <= schemaVersion;
    }

    @Override
    public String toString() {
        return directory();
    }

    /** The job that makes the table, in words. */
    String producers() {
        return switch (this) {
            case TRANSITIONS, EPISODES, QUARANTINE -> "ingest or collect";
            case NOVELTY -> "collect with behaviour rnd";
            case DATASET_STATE, DATASET_STATS -> "stats";
            case SUBSETS, SUBSET_STEPS -> "curate";
            case RUNS, METRICS -> "train";
            case EVALUATIONS -> "evaluate";
            case JUDGED_EPISODES, PROMISES, ESTIMATES -> "judge";
            case PREDICTIONS, PREDICTION_QUARANTINE -> "predict";
            case VERSIONS, PROMOTIONS -> "promote";
        };
    }
}
