package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.source.InputFile;
import io.hindcast.stage.FoundRows.Found;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** The rows of what Spark reads. */
final class FrameRows {
    private static final String FILE = "_hindcast_file";
    private static final String ROW = "_hindcast_row";

    private FrameRows() {}

    /** The rows of Parquet files of one schema, in the order of the files except where Spark splits one. */
    static JavaRDD<Found> of(SparkSession spark, List<InputFile> files) {
        var schema = columns(spark, files.get(0));
        for (var file : files) {
            var columns = columns(spark, file);
            if (!columns.equals(schema)) {
                throw new UserException("Cannot read " + file.name() + ": its columns " + columns + " are not those of "
                        + files.get(0).name() + ", " + schema + "; ingest them apart");
            }
        }
        var frame = spark.read().parquet(files.stream().map(InputFile::path).toArray(String[]::new));
        var columns = List.of(frame.columns());
        return frame.select(
                        functions.col("*"),
                        functions.col("_metadata.file_name").as(FILE),
                        functions.col("_metadata.row_index").as(ROW))
                .javaRDD()
                .map(row -> new Found(
                        row.getString(columns.size()),
                        columns,
                        row.getLong(columns.size() + 1),
                        values(row, columns.size())));
    }

    private static List<String> columns(SparkSession spark, InputFile file) {
        try {
            return Arrays.stream(spark.read().parquet(file.path()).schema().fields())
                    .map(field -> field.name() + " " + field.dataType().simpleString())
                    .toList();
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            var root = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
            throw new UserException(
                    "Cannot read " + file.name() + ": " + root
                            + "; the file is damaged or not Parquet, copy it again or set format",
                    e);
        }
    }

    private static @Nullable Object[] values(Row row, int columns) {
        var values = new @Nullable Object[columns];
        for (var i = 0; i < columns; i++) {
            var value = row.get(i);
            values[i] = value instanceof scala.collection.Seq<?> list ? CollectionConverters.asJava(list) : value;
        }
        return values;
    }
}
