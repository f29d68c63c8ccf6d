package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.InputFile;
import io.hindcast.stage.FoundRows.Found;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/** The rows of what Spark reads: only the mapped columns, taken out of Spark's own rows. */
final class FrameRows {
    private FrameRows() {}

    /** The rows of Parquet files of one schema, in the order of the files except where Spark splits one. */
    static JavaRDD<Found> of(SparkSession spark, List<InputFile> files, List<String> mapped) {
        var schema = columns(spark, files.get(0));
        for (var file : files) {
            var columns = columns(spark, file);
            if (!columns.equals(schema)) {
                throw new UserException("Cannot read " + file.name() + ": its columns " + inWords(columns)
                        + " are not those of " + files.get(0).name() + ", " + inWords(schema) + "; ingest them apart");
            }
        }
        var first = files.get(0).name();
        var names = schema.stream().map(StructField::name).toList();
        var values = new FrameValue[mapped.size()];
        var selected = new Column[mapped.size() + 2];
        for (var i = 0; i < values.length; i++) {
            var field = schema.get(ColumnMapping.place(mapped.get(i), names, first));
            values[i] = FrameValue.of(field.dataType(), "column '" + field.name() + "' of " + first);
            selected[i] = functions.col("`" + field.name().replace("`", "``") + "`");
        }
        selected[values.length] = functions.col("_metadata.file_name");
        selected[values.length + 1] = functions.col("_metadata.row_index");
        return spark.read()
                .parquet(files.stream().map(InputFile::path).toArray(String[]::new))
                .select(selected)
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(rows -> found(rows, mapped, values));
    }

    private static Iterator<Found> found(Iterator<InternalRow> rows, List<String> mapped, FrameValue[] values) {
        var file = new Name();
        return IteratorUtils.transformedIterator(rows, row -> {
            var found = new @Nullable Object[values.length];
            for (var i = 0; i < found.length; i++) {
                found[i] = FrameValue.read(values[i], row, i);
            }
            return new Found(
                    file.text(row.getUTF8String(values.length)), mapped, row.getLong(values.length + 1), found);
        });
    }

    private static List<StructField> columns(SparkSession spark, InputFile file) {
        try {
            return Arrays.asList(spark.read().parquet(file.path()).schema().fields());
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            var root = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
            throw new UserException(
                    "Cannot read " + file.name() + ": " + root
                            + "; the file is damaged or not Parquet, copy it again or set format",
                    e);
        }
    }

    private static List<String> inWords(List<StructField> columns) {
        return columns.stream()
                .map(field -> field.name() + " " + field.dataType().simpleString())
                .toList();
    }
}
