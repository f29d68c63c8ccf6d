package io.hindcast.stage;

import io.hindcast.source.Categories;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import io.hindcast.source.LoggedRow;
import io.hindcast.source.RowMapper;
import io.hindcast.source.RowReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** The rows of foreign files: Spark reads Parquet, of the other formats a task reads a file. */
final class FoundRows {
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
    record Found(
            String file,
            List<String> columns,
            long row,
            @Nullable Object[] values) {}

    Map<String, List<String>> categories(ColumnMapping mapping) {
        var columns = mapping.categories();
        if (columns.isEmpty()) {
            return Map.of();
        }
        return rows(columns)
                .aggregate(
                        new Categories(columns),
                        (categories, row) -> categories.add(row.file(), row.columns(), row.values()),
                        Categories::merge)
                .names();
    }

    /** The rows in the order of their files, except where Spark splits a Parquet file. */
    JavaRDD<LoggedRow> logged(ColumnMapping mapping, Map<String, List<String>> categories) {
        var format = this.format;
        return rows(mapping.columns()).mapPartitions(rows -> new Mapped(rows, format, mapping, categories));
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

    /** Rows with at least these columns. */
    private JavaRDD<Found> rows(List<String> columns) {
        return format == Format.PARQUET ? FrameRows.of(spark, files, columns) : fileRows();
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
}
