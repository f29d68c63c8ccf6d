package io.hindcast.stage.ingest;

import io.hindcast.config.UserException;
import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import io.hindcast.stage.FrameSchema;
import io.hindcast.stage.FrameValue;
import io.hindcast.stage.PathColumns;
import io.hindcast.stage.ReadFailure;
import io.hindcast.stage.SparkSource;
import io.hindcast.stage.ingest.FoundRows.Found;
import io.hindcast.stage.ingest.IngestConfig.RowHolds;
import io.hindcast.table.PathPattern;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** The rows of what Spark reads: only the mapped columns, taken out of Spark's own rows. */
final class FrameRows {
    private static final Column PATH = functions.col("_metadata.file_path");
    private static final Column START = functions.col("_metadata.file_block_start");
    private static final Column ROW = functions.col("_metadata.row_index");

    private static final @Nullable Object[] NONE = {};
    private static final long WHOLE_FILES = 1L << 60;

    private FrameRows() {}

    /** Files whose mapped columns are read alike. */
    private record Group(FrameSchema.Columns columns, List<InputFile> files) {}

    /**
     * The rows of files, in the order of the files except where Spark splits one. A column may be of another type in one file
     * than in another if it says the same.
     *
     * @param names the mapped columns of which only the names are read
     * @param rowHolds of rows that hold many steps no file is split, so that a task can count them
     * @throws UserException if a file lacks a mapped column, or has it in another type
     */
    static JavaRDD<Found> of(
            SparkSession spark,
            List<InputFile> files,
            Format format,
            List<String> mapped,
            Set<String> names,
            RowHolds rowHolds) {
        var rows = new ArrayList<JavaRDD<Found>>();
        for (var group : groups(spark, files, format, mapped, names)) {
            rows.add(of(session(spark, group.columns().vectorized(), rowHolds), group, format, mapped));
        }
        return rows.stream().reduce(JavaRDD::union).orElseThrow();
    }

    private static SparkSession session(SparkSession spark, boolean vectorized, RowHolds rowHolds) {
        var session = SparkSource.session(spark);
        if (!vectorized) {
            session.conf().set("spark.sql.parquet.enableVectorizedReader", "false");
        }
        if (rowHolds == RowHolds.STEPS) {
            session.conf().set("spark.sql.files.maxPartitionBytes", WHOLE_FILES);
            session.conf().set("spark.sql.files.openCostInBytes", WHOLE_FILES);
        }
        return session;
    }

    private static List<Group> groups(
            SparkSession spark, List<InputFile> files, Format format, List<String> mapped, Set<String> names) {
        var all = FrameSchema.of(spark, files, format, mapped);
        var groups = new LinkedHashMap<String, Group>();
        for (var i = 0; i < files.size(); i++) {
            for (var j = 0; j < mapped.size(); j++) {
                FrameSchema.requireAlike(
                        mapped.get(j),
                        names.contains(mapped.get(j)),
                        all.get(0).found().get(j),
                        files.get(0).name(),
                        all.get(i).found().get(j),
                        files.get(i).name());
            }
            var columns = all.get(i);
            groups.computeIfAbsent(columns.key(), key -> new Group(columns, new ArrayList<>()))
                    .files()
                    .add(files.get(i));
        }
        return List.copyOf(groups.values());
    }

    private static JavaRDD<Found> of(SparkSession spark, Group group, Format format, List<String> mapped) {
        var files = new HashMap<String, InputFile>();
        group.files().forEach(file -> files.put(file.path(), file));
        var values = new @Nullable FrameValue[mapped.size()];
        var selected = new Column[mapped.size() + 2];
        for (var i = 0; i < values.length; i++) {
            var column = group.columns().found().get(i);
            if (column.isInPath()) {
                selected[i] = functions.lit(null);
                continue;
            }
            values[i] = FrameValue.of(
                    column.type(),
                    column.leaves(),
                    "column '" + mapped.get(i) + "' of " + group.files().get(0).name());
            selected[i] = SparkSource.select(column.path());
        }
        var frame = spark.read()
                .schema(group.columns().schema())
                .format(format.name().toLowerCase(Locale.ROOT))
                .load(group.files().stream()
                        .map(file -> PathPattern.of(file.path()))
                        .toArray(String[]::new));
        selected[values.length] = PATH;
        selected[values.length + 1] = format == Format.PARQUET ? ROW : START;
        var places = format == Format.PARQUET ? null : new Places(starts(frame));
        return ScannedRows.of(frame.select(selected).queryExecution())
                .mapPartitions(rows -> found(rows, mapped, values, files, places));
    }

    /**
     * The rows of a source that Spark knows, in no order. Their numbers tell them apart in one reading of it only.
     *
     * @param name by which they are traced
     * @throws UserException if Spark cannot read it, or it lacks a mapped column
     */
    static JavaRDD<Found> ofSource(SourceRows source, List<String> mapped, String name) {
        var frame = source.frame();
        var columns = FrameSchema.mapped(frame.schema(), mapped, name);
        var values = new FrameValue[mapped.size()];
        var selected = new Column[mapped.size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = FrameValue.of(
                    columns.get(i).type(), columns.get(i).leaves(), "column '" + mapped.get(i) + "' of " + name);
            selected[i] = SparkSource.select(columns.get(i).path());
        }
        return ScannedRows.of(frame.select(selected).queryExecution())
                .mapPartitionsWithIndex((part, rows) -> found(part, rows, mapped, values, name), false);
    }

    private static Iterator<Found> found(
            int part, Iterator<InternalRow> rows, List<String> mapped, @Nullable FrameValue[] values, String name) {
        var count = new long[] {(long) part << 33}; // as Spark's monotonically_increasing_id
        return ReadFailure.named(IteratorUtils.transformedIterator(
                rows, row -> new Found(name, mapped, count[0]++, values(row, values, NONE))));
    }

    private static Iterator<Found> found(
            Iterator<InternalRow> rows,
            List<String> mapped,
            @Nullable FrameValue[] values,
            Map<String, InputFile> files,
            @Nullable Places places) {
        var paths = new TextCache();
        var counter = places == null ? null : places.counter();
        var current = new Current(mapped, files);
        return ReadFailure.named(IteratorUtils.transformedIterator(rows, row -> {
            var path = paths.text(row.getUTF8String(values.length));
            var place = row.getLong(values.length + 1);
            current.at(path);
            return new Found(
                    current.name,
                    mapped,
                    counter == null ? place : counter.next(path, place),
                    values(row, values, current.inPath));
        }));
    }

    /** The file that rows come from at present. */
    private static final class Current {
        private final List<String> mapped;
        private final Map<String, InputFile> files;
        private String path = "";
        private String name = "";
        private @Nullable Object[] inPath = {};

        Current(List<String> mapped, Map<String, InputFile> files) {
            this.mapped = mapped;
            this.files = files;
        }

        void at(String path) {
            if (!path.equals(this.path)) {
                this.path = path;
                var file = file(path, files);
                var columns = PathColumns.of(file);
                name = file.name();
                inPath = mapped.stream().map(columns::get).toArray();
            }
        }
    }

    private static @Nullable Object[] values(
            InternalRow row, @Nullable FrameValue[] values, @Nullable Object[] inPath) {
        var found = new @Nullable Object[values.length];
        for (var i = 0; i < found.length; i++) {
            var value = values[i];
            found[i] = value == null ? inPath[i] : FrameValue.read(value, row, i);
        }
        return found;
    }

    private static InputFile file(String path, Map<String, InputFile> files) {
        var file = files.get(path);
        if (file == null) {
            file = files.get(new Path(URI.create(path)).toString());
        }
        if (file == null) {
            throw new IllegalStateException("Spark read " + path + ", which was not asked for");
        }
        return file;
    }

    /** How many rows of its file come before a part that Spark splits off, by the file's path and the part's first byte. */
    private static Map<String, Map<Long, Long>> starts(Dataset<Row> frame) {
        var starts = new HashMap<String, Map<Long, Long>>();
        var before = new HashMap<String, Long>();
        frame.groupBy(PATH.as("path"), START.as("start"))
                .count()
                .orderBy("path", "start")
                .collectAsList()
                .forEach(part -> {
                    var path = part.getString(0);
                    var rows = before.getOrDefault(path, 0L);
                    starts.computeIfAbsent(path, key -> new HashMap<>()).put(part.getLong(1), rows);
                    before.put(path, rows + part.getLong(2));
                });
        return starts;
    }

    /** Where rows stand in their files, for formats that do not number them: they are counted. */
    private record Places(Map<String, Map<Long, Long>> starts) implements Serializable {
        Counter counter() {
            return new Counter(starts);
        }
    }

    private static final class Counter {
        private final Map<String, Map<Long, Long>> starts;
        private String path = "";
        private long start = -1;
        private long row;

        Counter(Map<String, Map<Long, Long>> starts) {
            this.starts = starts;
        }

        long next(String path, long start) {
            if (start != this.start || !path.equals(this.path)) {
                this.path = path;
                this.start = start;
                row = starts.getOrDefault(path, Map.of()).getOrDefault(start, 0L);
            }
            return row++;
        }
    }
}
