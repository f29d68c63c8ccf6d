package io.hindcast.stage.predict;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.hindcast.config.Address;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.source.Format;
import io.hindcast.source.FoundFiles;
import io.hindcast.source.InputFile;
import io.hindcast.stage.FileInputs;
import io.hindcast.stage.FrameSchema;
import io.hindcast.stage.LakeTable;
import io.hindcast.stage.PathColumns;
import io.hindcast.stage.SparkSource;
import io.hindcast.stage.StageContext;
import io.hindcast.table.Contents;
import io.hindcast.table.Input;
import io.hindcast.table.PathPattern;
import java.io.Serial;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table, with all their columns.
 *
 * @param frame in a session of its own, in which columns are called as they are written
 * @param name of the table, for messages
 * @param known what tells it from others
 */
record InputFrame(Dataset<Row> frame, String name, List<Input> known) {
    private static final int MOST_OF_A_MESSAGE = 1_000;

    /**
     * What the configuration names.
     *
     * @throws UserException if it cannot be read, or has a column that Parquet cannot hold
     */
    static InputFrame of(StageContext context, PredictConfig config) {
        var found = config.format() == Format.SPARK ? ofSource(context, config) : ofFiles(context, config);
        var names = new ArrayList<String>();
        for (var field : found.frame().schema().fields()) {
            requireStorable(field, found.name());
            if (names.contains(field.name().toLowerCase(Locale.ROOT))) {
                throw new UserException("Cannot pass the columns of " + found.name() + " through: two are called '"
                        + field.name() + "' but for capital letters, which Spark's readers do not tell apart; rename"
                        + " one of them");
            }
            names.add(field.name().toLowerCase(Locale.ROOT));
        }
        return found;
    }

    private static InputFrame ofSource(StageContext context, PredictConfig config) {
        var source = Objects.requireNonNull(config.spark());
        var name = SparkSource.name(source, config.input());
        Consumer<String> note = line -> context.progress().say("[predict] " + line);
        var table = LakeTable.of(context.spark(), source, config.input(), false, note);
        var pinned = table.flatMap(versions -> versions.version(false, note)).orElse(null);
        var frame = pinned == null
                ? SparkSource.load(context.spark(), source, config.input())
                : table.get().at(pinned);
        var contents = Contents.withNulls(frame, frame.schema());
        var known = new Input(name, contents.rows(), contents.fingerprint(), null, null, pinned);
        return new InputFrame(frame, name, List.of(known));
    }

    private static InputFrame ofFiles(StageContext context, PredictConfig config) {
        var warehouse = context.warehouse();
        var paths = config.input().stream().map(Address::reveal).toList();
        var search =
                FoundFiles.find(warehouse.hadoop(), paths, config.format(), config.exclude(), warehouse.location());
        search.notes().forEach(note -> context.progress().say("[predict] " + note));
        var files = search.files();
        var session = SparkSource.session(context.spark());
        if (config.format() == Format.PARQUET && !FrameSchema.areVectorized(context.spark(), files)) {
            session.conf().set("spark.sql.parquet.enableVectorizedReader", "false");
        }
        var name = files.get(0).name() + (files.size() == 1 ? "" : " and " + (files.size() - 1) + " more");
        return new InputFrame(
                withFolders(load(session, config, files, name), files),
                name,
                FileInputs.of(context.spark(), files, config.format()));
    }

    /** A column that a file lacks is null there. */
    private static Dataset<Row> load(SparkSession session, PredictConfig config, List<InputFile> files, String name) {
        try {
            return session.read()
                    .format(config.format().name().toLowerCase(Locale.ROOT))
                    .option("mergeSchema", "true")
                    .load(files.stream()
                            .map(file -> PathPattern.of(file.path()))
                            .toArray(String[]::new));
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            throw new UserException(
                    "Cannot read " + name + ": "
                            + StringUtils.abbreviate(
                                    StringUtils.normalizeSpace(ExceptionUtils.getRootCauseMessage(e)),
                                    MOST_OF_A_MESSAGE)
                            + "; all files must have the same columns, as far as they have them; predict for others"
                            + " apart",
                    e);
        }
    }

    /** With the columns that the folders of files tell, as ingest reads them: as text. One that files have goes before. */
    private static Dataset<Row> withFolders(Dataset<Row> frame, List<InputFile> files) {
        var inFiles = List.of(frame.schema().fieldNames());
        var told = files.stream()
                .flatMap(file -> PathColumns.of(file).keySet().stream())
                .filter(name -> inFiles.stream().noneMatch(name::equalsIgnoreCase))
                .distinct()
                .map(name -> functions
                        .udf(new Told(name), DataTypes.StringType)
                        .apply(functions.col("_metadata.file_path"))
                        .as(name));
        return frame.select(Stream.concat(Stream.of(functions.col("*")), told).toArray(Column[]::new));
    }

    /** The value of a column that the folders of a row's file tell. */
    private static final class Told implements UDF1<String, @Nullable String> {
        @Serial
        private static final long serialVersionUID = 1;

        private final String name;
        private transient @Nullable String path;
        private transient @Nullable String value;

        Told(String name) {
            this.name = name;
        }

        @Override
        public @Nullable String call(String path) {
            if (!path.equals(this.path)) {
                var file = new InputFile("", new Path(URI.create(path)).toString(), 0);
                value = PathColumns.of(file).get(name);
                this.path = path;
            }
            return value;
        }
    }

    /**
     * Refuses columns that are there. Spark's readers do not tell capital letters from small ones.
     *
     * @param source whose columns are {@code there}, for the message
     */
    static void requireFree(String source, List<String> there, StructType added) {
        var taken = new ArrayList<>(
                there.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList());
        for (var name : added.fieldNames()) {
            if (taken.contains(name.toLowerCase(Locale.ROOT))) {
                throw new UserException("Cannot add a column '" + name + "' to the rows of " + source
                        + ": there is one of that name; call it otherwise, or leave it out with an empty name"
                        + " (predict.names)");
            }
            taken.add(name.toLowerCase(Locale.ROOT));
        }
    }

    private static void requireStorable(StructField field, String name) {
        if (!isStorable(field.dataType())) {
            throw new UserException("Cannot pass column '" + field.name() + "' of " + name + " through: it is of type "
                    + field.dataType().catalogString() + ", which Parquet files have not; leave it out of the table, or"
                    + " give it another type");
        }
    }

    private static boolean isStorable(DataType type) {
        if (type instanceof ArrayType array) {
            return isStorable(array.elementType());
        }
        if (type instanceof MapType map) {
            return isStorable(map.keyType()) && isStorable(map.valueType());
        }
        if (type instanceof StructType struct) {
            return struct.length() > 0
                    && Arrays.stream(struct.fields()).allMatch(field -> isStorable(field.dataType()));
        }
        return !(type instanceof NullType || type instanceof CalendarIntervalType);
    }

    /** The columns of the table, without what else may be known of them. */
    StructField[] fields() {
        return Arrays.stream(frame.schema().fields())
                .map(field -> new StructField(field.name(), field.dataType(), true, Metadata.empty()))
                .toArray(StructField[]::new);
    }

    /** Its columns. */
    List<String> columns() {
        return List.of(frame.schema().fieldNames());
    }

    /**
     * A hash of what tells a row's decision from others.
     *
     * @param names the columns that do; empty: all that can be hashed
     * @throws UserException if it has no such column, or one cannot be hashed
     */
    Column key(List<String> names) {
        var hashed = new ArrayList<Column>();
        for (var column : names) {
            if (!columns().contains(column)) {
                throw Settings.unknown("column", column, columns(), " of " + name + " in predict.key");
            }
        }
        for (var field : frame.schema().fields()) {
            var isHashed = Contents.isHashed(field.dataType());
            if (!isHashed && names.contains(field.name())) {
                throw new UserException("Cannot use predict.key = " + names + ": column '" + field.name() + "' of "
                        + name + " is of type " + field.dataType().catalogString()
                        + ", of which equal values may be written in several ways; name other columns");
            }
            if (isHashed && (names.isEmpty() || names.contains(field.name()))) {
                var column = SparkSource.select(List.of(field.name()));
                hashed.add(column);
                // The hash passes over nulls: without these, values could move between neighbours.
                hashed.add(when(column.isNotNull(), lit(false)));
            }
        }
        return xxhash64(hashed.toArray(Column[]::new));
    }
}
