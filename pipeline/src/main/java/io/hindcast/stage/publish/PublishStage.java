package io.hindcast.stage.publish;

import static org.apache.spark.sql.functions.lit;

import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import io.hindcast.stage.DeltaLog;
import io.hindcast.stage.SparkSource;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.stage.publish.PublishConfig.TableFormat;
import io.hindcast.stage.publish.PublishConfig.Target;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.lang3.EnumUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * Replaces the rows of a user's table by those of the version that is published, in one commit that notes which version it is: its
 * readers see all rows of a version, or all of the one before.
 */
public final class PublishStage {
    private static final String METADATA = "spark.databricks.delta.commitInfo.userMetadata";
    /** Delta's; where the session says dynamic, partitions that a version lacks would stay. */
    private static final String MODE = "partitionOverwriteMode";

    private static final Pattern COMMIT = Pattern.compile("[0-9]{20}\\.(json|checkpoint\\..+)");

    private final SparkSession spark;
    private final Target target;
    private final TableVersion version;

    private PublishStage(SparkSession spark, Target target, TableVersion version) {
        this.spark = spark;
        this.target = target;
        this.version = version;
    }

    /**
     * Copies what is published of {@code table}; nothing if the rows of the target are those of that version. Rows that did not come from
     * here, or that somebody put back or changed since, are replaced, and a line says so.
     *
     * @throws UserException if it cannot be written
     */
    public static StageResult run(StageContext context, TableName table, Target target) {
        return Turn.of(context, "publish-" + table.directory(), "publish", Map.of(), () -> {
            var version = context.warehouse().require(table);
            var stage = new PublishStage(context.spark(), target, version);
            try {
                var last = stage.last();
                if (last.filter(commit -> stage.note().equals(commit.note())).isPresent()) {
                    return new StageResult(true, target + " has " + version + " already: nothing to do", List.of());
                }
                last.flatMap(commit -> commit.told(target.toString(), version.toString()))
                        .ifPresent(line -> context.progress().say("[publish] " + line));
                stage.write(context.warehouse().read(version));
            } catch (Exception e) { // Spark throws checked exceptions that it does not declare
                throw stage.failed(e);
            }
            return new StageResult(
                    false,
                    version + " is in " + target + ": " + version.manifest().rows() + " rows",
                    List.of());
        });
    }

    private UserException failed(Exception e) {
        var cause = ExceptionUtils.throwableOfType(e, UserException.class);
        var said = cause != null
                ? cause.getMessage()
                : SparkSource.message(e)
                        + "; check the section publish, and that Spark has the jar and the settings of the format";
        return new UserException(
                "Cannot publish " + version + " to " + target + ": " + said + " (" + version
                        + " itself is published; run the same command again)",
                e);
    }

    private String note() {
        return Commit.NOTE + " " + version + " " + version.manifest().fingerprint();
    }

    private boolean exists() throws IOException {
        return target.table() != null
                ? SparkSource.provider(spark, target.table()).isPresent()
                : hasCommit(new Path(folder(), "_delta_log"));
    }

    /** A first commit that was stopped leaves a folder without one. */
    private boolean hasCommit(Path log) throws IOException {
        return files(log).exists(log)
                && Arrays.stream(files(log).listStatus(log))
                        .anyMatch(
                                file -> COMMIT.matcher(file.getPath().getName()).matches());
    }

    /** The target's path, from wherever it is named. */
    private Path folder() throws IOException {
        var path = new Path(Place.of(Objects.requireNonNull(target.path()).reveal()));
        return files(path).makeQualified(path);
    }

    private FileSystem files(Path path) throws IOException {
        return path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    }

    /** The commit that the rows of the table are from; empty if there are none, or that is not known any more. */
    private Optional<Commit> last() throws IOException {
        if (!exists()) {
            return Optional.empty();
        }
        return format() == TableFormat.DELTA ? lastOfDelta() : lastOfIceberg();
    }

    /** The newest that wrote rows or took some away: to optimize files or set properties is no change. */
    private Optional<Commit> lastOfDelta() throws IOException {
        var log = target.table() != null ? new DeltaLog(spark, target.table()) : DeltaLog.of(spark, folder());
        return Commit.ofDelta(log.history().collectAsList(), log::changedRows);
    }

    /** That of the snapshot which is the current one, also if somebody went back to it; files written again are no change. */
    private Optional<Commit> lastOfIceberg() {
        var snapshots = spark.table(target.table() + ".snapshots").collectAsList();
        var current = spark.table(target.table() + ".refs").where("name = 'main'").collectAsList().stream()
                .findFirst()
                .map(ref -> ref.<Long>getAs("snapshot_id"));
        return Commit.ofIceberg(snapshots, current.orElse(null));
    }

    /** Of a table that is there, what it is; of a new one, what is asked for. */
    private TableFormat format() {
        var table = target.table();
        var is = table == null ? Optional.<String>empty() : SparkSource.provider(spark, table);
        var asked = target.format();
        if (is.isEmpty()) {
            if (asked == null) {
                throw new UserException("it is not there, and publish." + version.table()
                        + ".format does not say what to make; add format = delta or format = iceberg");
            }
            return asked;
        }
        var format = EnumUtils.getEnumIgnoreCase(TableFormat.class, is.get());
        if (format == null || (asked != null && asked != format)) {
            throw new UserException("it is a table of " + is.get()
                    + (format == null
                            ? ", whose rows are not replaced in one commit; name one of Delta or Iceberg, or one that is not"
                                    + " there"
                            : "; leave out publish." + version.table() + ".format"));
        }
        return format;
    }

    private void write(Dataset<Row> frame) throws Exception {
        // Delta's writers take it as an option, too, but not whenever they make a table.
        var own = spark.conf().getOption(METADATA);
        spark.conf().set(METADATA, note());
        try {
            if (target.path() != null) {
                frame.write()
                        .format("delta")
                        .mode(SaveMode.Overwrite)
                        .option("mergeSchema", "true")
                        .option(MODE, "static")
                        .save(folder().toString());
            } else {
                writeTable(frame);
            }
        } finally {
            spark.conf().unset(METADATA);
            if (own.isDefined()) { // the user's, for other writes of the session
                spark.conf().set(METADATA, own.get());
            }
        }
    }

    private void writeTable(Dataset<Row> frame) throws Exception {
        var format = format();
        var writer = frame.writeTo(target.table())
                .option("snapshot-property." + Commit.NOTE, note())
                .option("mergeSchema", "true")
                .option(MODE, "static");
        if (exists()) {
            writer.overwrite(lit(true)); // how it is parted and described stays its owner's
            return;
        }
        var made = writer.using(format.name().toLowerCase(Locale.ROOT));
        if (format == TableFormat.ICEBERG) {
            made = made.tableProperty("write.spark.accept-any-schema", "true"); // else mergeSchema does nothing
        }
        made.create();
    }
}
