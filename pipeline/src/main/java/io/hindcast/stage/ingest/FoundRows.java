package io.hindcast.stage.ingest;

import io.hindcast.source.Categories;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.FileNotes;
import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import io.hindcast.source.RowMapper;
import io.hindcast.source.RowReader;
import io.hindcast.source.Wanted;
import io.hindcast.stage.PathColumns;
import io.hindcast.stage.ingest.IngestConfig.RowHolds;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** The rows of foreign files: Spark reads Parquet and ORC, of the other formats a task reads a file. */
final class FoundRows {
    private final SparkSession spark;
    private final List<InputFile> files;
    private final Format format;
    private final IngestConfig config;
    private final @Nullable SourceRows source;
    private final CollectionAccumulator<FileNotes> notes;

    /** @param source the rows of what Spark reads; null: those of the files */
    FoundRows(SparkSession spark, List<InputFile> files, IngestConfig config, @Nullable SourceRows source) {
        this.source = source;
        this.spark = spark;
        this.files = files;
        this.config = config;
        format = config.format();
        notes = spark.sparkContext().collectionAccumulator();
    }

    /** What the tasks that read files to their end have found beside the rows. */
    List<FileNotes> notes() {
        return notes.value().stream().distinct().toList();
    }

    /** A row and where it stands. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Found(
            String file,
            List<String> columns,
            long row,
            @Nullable Object[] values) {}

    /** The columns that are categories or maps, with their names; of more than {@code most}, one more than that. */
    Categories categories(ColumnMapping mapping, int most) {
        var columns = mapping.categories();
        if (columns.isEmpty()) {
            return new Categories(columns, most);
        }
        var mapped = List.copyOf(columns.keySet());
        var rows = rows(new Wanted(mapped));
        if (config.rowHolds() == RowHolds.STEPS) {
            rows = rows.map(row -> new Found(row.file(), mapped, row.row(), PackedRows.whole(row, mapped)));
        }
        return rows.aggregate(
                new Categories(columns, most),
                (categories, row) -> categories.add(row.file(), row.columns(), row.values()),
                Categories::merge);
    }

    /** The rows in the order of their files, except where Spark splits one. */
    JavaRDD<LoggedRow> logged(ColumnMapping mapping, Map<String, List<String>> categories) {
        var groups = new HashMap<String, String>();
        var group = mapping.group();
        if (group != null && ColumnMapping.isOfFile(group)) {
            files.forEach(
                    file -> groups.put(file.name(), ColumnMapping.groupOf(group, format.stem(file.name()), file)));
        }
        var format = this.format;
        var finalRow = config.finalRow();
        var rows = rows(mapping.wanted(config.per() == EpisodePer.FILE ? finalRow : null));
        if (config.rowHolds() == RowHolds.STEP) {
            return rows.mapPartitions(part -> new Mapped(part, groups, mapping, categories));
        }
        var named = config.per() == EpisodePer.ROW_OF_STEPS ? mapping.withEpisodeId(PackedRows.ROW) : mapping;
        return rows.mapPartitions(
                part -> new Mapped(new PackedRows(part, format, mapping, finalRow), groups, named, categories));
    }

    private static final class Mapped implements Iterator<LoggedRow> {
        private final Iterator<Found> rows;
        /** By the file's name, if a group is made from it. */
        private final Map<String, String> groups;

        private final ColumnMapping mapping;
        private final Map<String, List<String>> categories;
        private String file = "";
        private @Nullable RowMapper mapper;

        Mapped(
                Iterator<Found> rows,
                Map<String, String> groups,
                ColumnMapping mapping,
                Map<String, List<String>> categories) {
            this.rows = rows;
            this.groups = groups;
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
                current = new RowMapper(file, groups.getOrDefault(file, ""), row.columns(), mapping, categories);
                mapper = current;
            }
            return current.map(row.row(), row.values());
        }
    }

    /** Rows with at least these columns. */
    private JavaRDD<Found> rows(Wanted wanted) {
        var columns = wanted.columns();
        if (source != null) {
            return FrameRows.ofSource(source, columns, files.get(0).name());
        }
        if (format.isFrame()) {
            return FrameRows.of(spark, files, format, columns, config.mapping().names(), config.rowHolds());
        }
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        var format = this.format;
        var notes = this.notes;
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, files.size())
                .flatMap(file -> withPath(rows(file, format, wanted, notes, hadoop.value()), file, format, columns));
    }

    private static Iterator<Found> rows(
            InputFile file,
            Format format,
            Wanted wanted,
            CollectionAccumulator<FileNotes> notes,
            Configuration hadoop) {
        var reader = format.open(file.name(), file.open(hadoop), wanted);
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close(reader));
        var columns = reader.columns();
        return new Iterator<>() {
            private long row;
            private @Nullable Object @Nullable [] ahead = read();

            @Override
            public boolean hasNext() {
                return ahead != null;
            }

            @Override
            public Found next() {
                var found = new Found(file.name(), columns, row++, Objects.requireNonNull(ahead));
                ahead = read();
                return found;
            }

            private @Nullable Object @Nullable [] read() {
                var values = reader.next();
                var found = values == null
                        ? reader.notes().withoutAbsent(PathColumns.of(file).keySet())
                        : FileNotes.none(file.name());
                if (!found.isEmpty()) {
                    notes.add(found);
                }
                return values;
            }
        };
    }

    /** With the mapped columns that are not in a file but in its path. */
    private static Iterator<Found> withPath(Iterator<Found> rows, InputFile file, Format format, List<String> mapped) {
        var inPath = PathColumns.of(file);
        if (Collections.disjoint(inPath.keySet(), mapped)) {
            return rows;
        }
        return new Iterator<>() {
            private List<String> given = List.of();
            private List<String> columns = List.of();
            private List<String> added = List.of();

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Found next() {
                var row = rows.next();
                if (!row.columns().equals(given)) {
                    given = row.columns();
                    added = inPath.keySet().stream()
                            .filter(mapped::contains)
                            .filter(name -> ColumnMapping.held(name, given).isEmpty())
                            .toList();
                    columns = Stream.concat(given.stream(), added.stream()).toList();
                }
                var values = Arrays.copyOf(row.values(), columns.size());
                // A row of JSON has whatever columns are asked for, and nothing in those that it lacks.
                for (var i = 0; format == Format.JSON && i < given.size(); i++) {
                    if (values[i] == null) {
                        values[i] = inPath.get(given.get(i));
                    }
                }
                for (var i = 0; i < added.size(); i++) {
                    values[given.size() + i] = inPath.get(added.get(i));
                }
                return new Found(row.file(), columns, row.row(), values);
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
