package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.source.Categories;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import io.hindcast.source.LoggedRow;
import io.hindcast.source.RowMapper;
import io.hindcast.source.RowReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** The rows of foreign files: Spark reads Parquet, of the other formats a task reads a file. */
final class FoundRows {
    private static final String FILE = "_hindcast_file";
    private static final String ROW = "_hindcast_row";

    private final SparkSession spark;
    private final List<InputFile> files;
    private final Format format;

    FoundRows(SparkSession spark, List<InputFile> files, Format format) {
        this.spark = spark;
        this.files = files;
        this.format = format;
    }

    /** A row and where it stands. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Found(
            String file,
            List<String> columns,
            long row,
            @Nullable Object[] values) {}

    Map<String, List<String>> categories(ColumnMapping mapping) {
        var columns = mapping.categories();
        if (columns.isEmpty()) {
            return Map.of();
        }
        return rows().aggregate(
                        new Categories(columns),
                        (categories, row) -> categories.add(row.file(), row.columns(), row.values()),
                        Categories::merge)
                .names();
    }

    /** The rows in the order of their files, except where Spark splits a Parquet file. */
    JavaRDD<LoggedRow> logged(ColumnMapping mapping, Map<String, List<String>> categories) {
        var format = this.format;
        return rows().mapPartitions(rows -> new Mapped(rows, format, mapping, categories));
    }

    private static final class Mapped implements Iterator<LoggedRow> {
        private final Iterator<Found> rows;
        private final Format format;
        private final ColumnMapping mapping;
        private final Map<String, List<String>> categories;
        private String file = "";
        private @Nullable RowMapper mapper;

        Mapped(Iterator<Found> rows, Format format, ColumnMapping mapping, Map<String, List<String>> categories) {
            this.rows = rows;
            this.format = format;
            this.mapping = mapping;
            this.categories = categories;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public LoggedRow next() {
            var row = rows.next();
            var current = mapper;
            if (current == null || !file.equals(row.file())) {
                file = row.file();
                current = new RowMapper(file, format.stem(file), row.columns(), mapping, categories);
                mapper = current;
            }
            return current.map(row.row(), row.values());
        }
    }

    private JavaRDD<Found> rows() {
        return format == Format.PARQUET ? parquetRows() : fileRows();
    }

    private JavaRDD<Found> fileRows() {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        var format = this.format;
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, files.size())
                .flatMap(file -> rows(file, format, hadoop.value()));
    }

    private static Iterator<Found> rows(InputFile file, Format format, Configuration hadoop) {
        var reader = format.open(file.name(), file.open(hadoop));
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close(reader));
        var columns = reader.columns();
        return new Iterator<>() {
            private long row;
            private @Nullable Object @Nullable [] ahead = reader.next();

            @Override
            public boolean hasNext() {
                return ahead != null;
            }

            @Override
            public Found next() {
                var found = new Found(file.name(), columns, row++, Objects.requireNonNull(ahead));
                ahead = reader.next();
                return found;
            }
        };
    }

    private static void close(RowReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JavaRDD<Found> parquetRows() {
        var schema = parquetColumns(files.get(0));
        for (var file : files) {
            var columns = parquetColumns(file);
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

    private List<String> parquetColumns(InputFile file) {
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
