package io.hindcast.table.parquet;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TException;

/**
 * Reads columns of a Parquet file of a table without Spark, some thousand rows at a time, as primitive arrays:
 *
 * <pre>
 * try (var part = new PartReader(hadoop, path, List.of("observation", "reward"))) {
 *     var observation = part.column("observation");
 *     while (part.next()) {
 *         for (var row = 0; row &lt; part.rows(); row++) { ... observation.floats() from observation.start(row) ... }
 *     }
 * }
 * </pre>
 *
 * Page checksums are verified. Files that others wrote (Spark, pyarrow) are read as well, more slowly.
 */
public final class PartReader implements Closeable {
    private final String path;
    private final ParquetFileReader file;
    private final MessageType schema;
    private final List<PartColumn> columns = new ArrayList<>();
    private final List<ColumnPages> pages = new ArrayList<>();
    private @Nullable PageReadStore group;
    private long left;
    private int rows;
    private int next;

    /**
     * Opens a file.
     *
     * @param columns which columns to read; {@link #columns()} has them in this order
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it has no such column, or one of a type that no table has
     */
    public PartReader(Configuration hadoop, String path, List<String> columns) throws IOException {
        this(hadoop, path, columns, Lacking.IS_AN_ERROR, Map.of());
    }

    /**
     * Opens a file that was just written.
     *
     * @param columns which columns to read, and as what; elements of vectors may be absent
     */
    static PartReader ofWritten(Configuration hadoop, String path, Map<String, PartColumn.Kind> columns)
            throws IOException {
        return new PartReader(hadoop, path, List.copyOf(columns.keySet()), Lacking.IS_AN_ERROR, columns);
    }

    /** Opens a file that may lack some of {@code columns}, since an earlier hindcast wrote it; {@link #columns()} has the others. */
    public static PartReader ofThoseThere(Configuration hadoop, String path, List<String> columns) throws IOException {
        return new PartReader(hadoop, path, columns, Lacking.IS_PASSED_OVER, Map.of());
    }

    private enum Lacking {
        IS_AN_ERROR,
        IS_PASSED_OVER
    }

    private PartReader(
            Configuration hadoop,
            String path,
            List<String> wanted,
            Lacking lacking,
            Map<String, PartColumn.Kind> written)
            throws IOException {
        this.path = path;
        var place = new Path(path);
        file = ParquetFileReader.open(
                HadoopInputFile.fromPath(place, hadoop),
                HadoopReadOptions.builder(hadoop, place)
                        .usePageChecksumVerification()
                        .withCodecFactory(new PageCodecs(hadoop))
                        // It reads side by side what stands side by side, at the price of a thread a range.
                        .withUseHadoopVectoredIo(false)
                        .build());
        try {
            var all = file.getFileMetaData().getSchema();
            var columns = new ArrayList<String>();
            for (var name : wanted) {
                if (all.containsField(name)) {
                    columns.add(name);
                } else if (lacking == Lacking.IS_AN_ERROR) {
                    throw new IllegalArgumentException("Cannot read " + path + ": it has no column " + name);
                }
            }
            schema = new MessageType(
                    all.getName(), columns.stream().map(all::getType).toList());
            file.setRequestedSchema(schema);
            for (var column : schema.getColumns()) {
                var known = written.get(column.getPath()[0]);
                var kind = known == null ? kind(column) : known;
                this.columns.add(new PartColumn(column.getPath()[0], kind));
                pages.add(new ColumnPages(
                        column,
                        kind,
                        listDefinition(column),
                        schema.getType(column.getPath()[0]).isRepetition(Repetition.OPTIONAL),
                        known != null));
            }
            if (this.columns.size() != columns.size()) {
                throw new IllegalArgumentException("Cannot read " + path + ": a column is a structure");
            }
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** How many groups of rows the file has; each can be read without those before. */
    public int groups() {
        return file.getRowGroups().size();
    }

    /** In which group the rows are that {@link #next} brought, from 0. */
    public int group() {
        return next - 1;
    }

    /** Goes past groups, so that {@link #next} brings rows of group {@code group}; before the first {@link #next}. */
    public void skipTo(int group) {
        for (; next < group; next++) {
            file.skipNextRowGroup();
        }
    }

    /**
     * Goes on to the next rows; what {@link #column} returned holds them then.
     *
     * @return false if there are no more
     * @throws IOException if the file cannot be read; "Cannot read PATH: it is damaged (...)" if it is not what was written
     */
    public boolean next() throws IOException {
        while (left == 0) {
            var next = nextGroup();
            if (next == null) {
                rows = 0;
                return false;
            }
            if (group != null) {
                group.close();
            }
            group = next;
            this.next++;
            left = next.getRowCount();
            decode(() -> {
                for (var c = 0; c < pages.size(); c++) {
                    pages.get(c).begin(next.getPageReader(schema.getColumns().get(c)));
                }
            });
        }
        rows = (int) Math.min(left, PartColumn.CAPACITY);
        decode(() -> {
            for (var c = 0; c < pages.size(); c++) {
                columns.get(c).clear();
                pages.get(c).read(columns.get(c), rows);
            }
        });
        left -= rows;
        return true;
    }

    /** The bytes of the next rows; a disk that fails and a reader that is stopped say so themselves. */
    private @Nullable PageReadStore nextGroup() throws IOException {
        try {
            return file.readNextRowGroup();
        } catch (RuntimeException | IOException e) {
            if (isDamage(e)) {
                throw damaged(e);
            }
            throw e instanceof IOException disk ? disk : new IOException(e.getMessage(), e);
        }
    }

    /** Work on bytes that are here: whatever it throws, they are not what was written. */
    private void decode(Decoding work) throws IOException {
        try {
            work.run();
        } catch (RuntimeException | IOException e) {
            throw damaged(e);
        }
    }

    /** Something that reads bytes as values. */
    @FunctionalInterface
    private interface Decoding {
        void run() throws IOException;
    }

    /** Whether a decoder threw it, or the file ends too early, or its checksum differs. */
    private static boolean isDamage(Exception e) {
        var causes = ExceptionUtils.getThrowableList(e);
        return causes.stream().noneMatch(IOException.class::isInstance)
                || causes.stream()
                        .anyMatch(cause -> cause instanceof EOFException
                                || cause instanceof ChecksumException
                                || cause instanceof TException);
    }

    private IOException damaged(Exception e) {
        return new IOException("Cannot read " + path + ": it is damaged (" + e.getMessage() + ")", e);
    }

    /** How many rows {@link #next} brought, at most {@link PartColumn#CAPACITY}. */
    public int rows() {
        return rows;
    }

    /** The columns, in the order that was asked for. */
    public List<PartColumn> columns() {
        return List.copyOf(columns);
    }

    /** One of the columns; the same object for all rows. */
    public PartColumn column(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Cannot read " + path + ": " + name + " is not among the columns that were asked for"));
    }

    @Override
    public void close() throws IOException {
        if (group != null) {
            group.close();
        }
        file.close();
    }

    private PartColumn.Kind kind(ColumnDescriptor column) {
        var type = column.getPrimitiveType().getPrimitiveTypeName();
        var lists = column.getMaxRepetitionLevel();
        if (lists > 1) {
            throw unreadable(column);
        }
        if (lists == 1) {
            return switch (type) {
                case FLOAT -> PartColumn.Kind.FLOATS;
                case DOUBLE -> PartColumn.Kind.DOUBLES;
                case BOOLEAN -> PartColumn.Kind.FLAGS;
                default -> throw unreadable(column);
            };
        }
        return switch (type) {
            case BINARY ->
                column.getPrimitiveType().getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation
                        ? PartColumn.Kind.TEXT
                        : PartColumn.Kind.BYTES;
            case INT64 -> PartColumn.Kind.LONG;
            case INT32 -> PartColumn.Kind.INTEGER;
            case FLOAT -> PartColumn.Kind.FLOAT;
            case DOUBLE -> PartColumn.Kind.DOUBLE;
            case BOOLEAN -> PartColumn.Kind.FLAG;
            default -> throw unreadable(column);
        };
    }

    private IllegalArgumentException unreadable(ColumnDescriptor column) {
        return new IllegalArgumentException("Cannot read " + path + ": no table has a column like " + column);
    }

    /** The definition level at which a list has an element; 0 where there is no list. */
    private int listDefinition(ColumnDescriptor column) {
        var names = column.getPath();
        for (var length = 1; length <= names.length; length++) {
            var prefix = Arrays.copyOf(names, length);
            if (schema.getType(prefix).isRepetition(Repetition.REPEATED)) {
                return schema.getMaxDefinitionLevel(prefix);
            }
        }
        return 0;
    }
}
