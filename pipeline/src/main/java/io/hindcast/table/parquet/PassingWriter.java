package io.hindcast.table.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of Spark's own with columns added, as one Parquet file inside a task, and reads it back. Rows are told one by one, what is
 * added to them column by column, some thousand rows at a time:
 *
 * <pre>
 * writer.pass(row, first, second); // until it isFull
 * writer.added().get(0).add(...);  // of each of them
 * writer.endPage();
 * </pre>
 */
public final class PassingWriter implements Closeable {
    private static final int PAGE_ELEMENTS = 1 << 18;
    private static final long PAGE_BYTES = 1 << 24;

    private final StructField[] passed;
    private final Map<String, String> metadata;
    private final PartOutput output;
    private final RowHash hash = new RowHash();
    private final @Nullable PassedColumn[] copied;
    private final @Nullable PlainColumn[] plain;
    private final @Nullable ForeignColumn[] foreign;
    private final List<PlainColumn> written = new ArrayList<>();
    private final List<PartColumn> added = new ArrayList<>();
    private final GenericInternalRow alone = new GenericInternalRow(1);
    private final long[] first = new long[PartColumn.CAPACITY];
    private final long[] second = new long[PartColumn.CAPACITY];
    private int rows;
    private boolean isFull;

    /**
     * Begins a file.
     *
     * @param passed the first columns of the rows
     * @param more the columns that are added, all nullable, of types that tables have
     * @param directory where
     * @param name the file's name, different for every attempt of a task
     * @throws IOException if it cannot be made
     */
    public PassingWriter(StructType passed, StructType more, String directory, String name, Configuration hadoop)
            throws IOException {
        this.passed = passed.fields();
        metadata = Map.of(
                // Without it Spark would take days long ago for those of another calendar.
                "org.apache.spark.version",
                org.apache.spark.package$.MODULE$.SPARK_VERSION_SHORT(),
                "org.apache.spark.sql.parquet.row.metadata",
                schema(passed, more).json());
        copied = Arrays.stream(this.passed).map(PassedColumn::of).toArray(PassedColumn[]::new);
        plain = new PlainColumn[copied.length];
        foreign = new ForeignColumn[copied.length];
        var types = new ArrayList<Type>();
        for (var c = 0; c < copied.length; c++) {
            var column = copied[c];
            types.add(
                    column == null
                            ? ForeignColumn.schema(this.passed[c], hadoop).getType(0)
                            : column.type());
        }
        types.addAll(PartWriter.parquetSchema(more).getFields());
        var parquet = new MessageType("spark_schema", types);
        output = new PartOutput(parquet, directory, name, hadoop);
        for (var c = 0; c < copied.length; c++) {
            var column = copied[c];
            if (column == null) {
                foreign[c] = output.add(new ForeignColumn(this.passed[c], hadoop, output.compressor()));
            } else {
                plain[c] = plain(parquet, c, column.kind());
            }
        }
        for (var field : more.fields()) {
            added.add(plain(parquet, copied.length + added.size(), PartWriter.kind(field.dataType()))
                    .values());
        }
    }

    /** The schema of what is written. */
    public static StructType schema(StructType passed, StructType more) {
        var fields = new ArrayList<>(Arrays.asList(passed.fields()));
        fields.addAll(Arrays.asList(more.fields()));
        return new StructType(fields.toArray(StructField[]::new));
    }

    private PlainColumn plain(MessageType parquet, int field, PartColumn.Kind kind) {
        var name = parquet.getType(field).getName();
        var column = parquet.getColumns().stream()
                .filter(one -> one.getPath()[0].equals(name))
                .findFirst()
                .orElseThrow();
        var result = output.add(new PlainColumn(name, kind, column, output.compressor()));
        written.add(result);
        return result;
    }

    /**
     * Adds a row, whose added columns are still to come.
     *
     * @param row its first columns are those that are passed
     * @param firstHash of these columns, as {@link RowHash} has it
     * @param secondHash the other one
     */
    public void pass(InternalRow row, long firstHash, long secondHash) {
        var elements = 0;
        var held = 0L;
        for (var c = 0; c < copied.length; c++) {
            var column = copied[c];
            var to = plain[c];
            if (column == null || to == null) {
                passForeign(row, c);
            } else if (row.isNullAt(c)) {
                to.values().addAbsent();
            } else {
                column.copier().copy(row, c, to.values());
            }
            if (to != null) {
                elements = Math.max(elements, to.values().elements());
                held += to.values().held();
            }
        }
        first[rows] = firstHash;
        second[rows++] = secondHash;
        isFull = rows == PartColumn.CAPACITY || elements >= PAGE_ELEMENTS || held >= PAGE_BYTES;
    }

    private void passForeign(InternalRow row, int c) {
        if (row.isNullAt(c)) {
            alone.setNullAt(0);
        } else {
            alone.update(0, row.get(c, passed[c].dataType()));
        }
        Objects.requireNonNull(foreign[c]).add(alone);
    }

    /** Whether a page has to be ended before the next row. */
    public boolean isFull() {
        return isFull;
    }

    /** How many rows were passed since the last page. */
    public int waiting() {
        return rows;
    }

    /** The columns that are added: each gets a value, or none, for each of the rows that wait. */
    public List<PartColumn> added() {
        return added;
    }

    /** Encodes the rows that wait. */
    public void endPage() throws IOException {
        hash.add(added, rows, first, second);
        for (var column : written) {
            column.endPage();
        }
        output.endPage(rows);
        rows = 0;
        isFull = false;
    }

    /**
     * Ends the file and reads it back.
     *
     * @throws IOException if it cannot be written, or what is read is not what was written
     */
    public PartFile finish() throws IOException {
        if (rows > 0) {
            endPage();
        }
        return output.finish(metadata, hash.fingerprint());
    }

    /** Leaves the file as it is, without an end, unless {@link #finish} was called. */
    @Override
    public void close() throws IOException {
        output.close();
    }
}
