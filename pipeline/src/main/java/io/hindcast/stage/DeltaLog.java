package io.hindcast.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * What a table of Delta says of itself: its log has a file for each version, with what it added and removed.
 *
 * @param table as SQL names it
 */
public record DeltaLog(SparkSession spark, String table) {
    /** What changes no row, so that files of the log need not be read, which only Spark's catalogue may have the right to. */
    private static final Set<String> KEEPING =
            Set.of("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES");

    /** Where versions of a table lie that a catalogue manages, until they are in the log: it alone knows which of them counts. */
    static final String STAGED = "_delta_log/_staged_commits";

    /** That of a folder. */
    public static DeltaLog of(SparkSession spark, Path folder) throws IOException {
        var files = folder.getFileSystem(spark.sparkContext().hadoopConfiguration());
        return new DeltaLog(
                spark, "delta.`" + files.makeQualified(folder).toString().replace("`", "``") + "`");
    }

    /** One row that describes the table. */
    Row detail() {
        return spark.sql("DESCRIBE DETAIL " + table).first();
    }

    /** Where it lies. */
    public Path location() {
        return new Path(detail().<String>getAs("location"));
    }

    /** The versions that the log still has, the newest first. */
    public Dataset<Row> history() {
        return spark.sql("DESCRIBE HISTORY " + table);
    }

    long newest() {
        return spark.sql("DESCRIBE HISTORY " + table + " LIMIT 1").first().<Long>getAs("version");
    }

    /** When a version was made; empty if the log does not have it. */
    Optional<Instant> time(long version) {
        var newest = newest();
        return version > newest
                ? Optional.empty()
                : spark
                        .sql("DESCRIBE HISTORY " + table + " LIMIT " + (newest - version + 1))
                        .where("version = " + version)
                        .collectAsList()
                        .stream()
                        .findFirst()
                        .map(row -> row.<Timestamp>getAs("timestamp").toInstant());
    }

    /**
     * What a version did, line by line.
     *
     * @throws FileNotFoundException if the log no longer says it
     */
    BufferedReader open(Path location, long version) throws IOException {
        var file = new Path(location, String.format(Locale.ROOT, "_delta_log/%020d.json", version));
        var files = file.getFileSystem(spark.sparkContext().hadoopConfiguration());
        return new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8));
    }

    /** Whether versions may be told by a catalogue, and not by the log. */
    boolean isManaged(Path location) {
        var staged = new Path(location, STAGED);
        try {
            return staged.getFileSystem(spark.sparkContext().hadoopConfiguration())
                    .exists(staged);
        } catch (IOException e) {
            return false; // it is only a better word
        }
    }

    /** The SHA-256 of what a version did; empty if the log no longer says it, or we may not read it. */
    Optional<String> hash(Path location, long version) {
        try (var lines = open(location, version)) {
            var hash = new Sha256();
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                hash.add(line + "\n");
            }
            return Optional.of(hash.hex());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether a version added or removed rows, which one that only wrote files again or changed properties did not; true if that is not known.
     *
     * @param operation what it did, as the history calls it
     */
    public boolean changedRows(long version, @Nullable String operation) {
        if (operation != null && KEEPING.contains(operation)) {
            return false;
        }
        try (var lines = open(location(), version)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var action = Json.MAPPER.readTree(line);
                if (changesRows(action.path("add")) || changesRows(action.path("remove"))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) { // it is gone, or we may not read it
            return true; // so that nobody relies on what is not known
        }
    }

    /** Whether an action that adds or removes a file, if it is one, changes rows. */
    static boolean changesRows(JsonNode action) {
        return action.isObject() && action.path("dataChange").asBoolean(true);
    }
}
