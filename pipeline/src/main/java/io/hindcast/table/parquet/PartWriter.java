package io.hindcast.table.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Writes one Parquet file of a table inside a task, row by row, and reads it back. Rows have a value a column of the schema:
 * String, byte[], Long, Integer, Double, Boolean, float[], boolean[], or null where the schema allows it.
 */
public final class PartWriter implements Closeable {
    private static final int PAGE_ELEMENTS = 1 << 18;

    private final StructField[] fields;
    private final PartOutput output;
    private final List<PlainColumn> written = new ArrayList<>();
    private final List<PartColumn> columns;
    private final List<PartColumn> lists;
    private final RowHash hash;
    private final Row row = new Row();
    private int rows;

    /**
     * Begins a file.
     *
     * @param schema of the table
     * @param directory where
     * @param name the file's name, different for every attempt of a task
     * @throws IOException if it cannot be made
     */
    public PartWriter(StructType schema, String directory, String name, Configuration hadoop) throws IOException {
        hash = new RowHash(schema);
        fields = schema.fields();
        var parquet = parquetSchema(schema);
        output = new PartOutput(parquet, directory, name, hadoop);
        for (var c = 0; c < fields.length; c++) {
            written.add(output.add(new PlainColumn(
                    fields[c].name(),
                    kind(fields[c].dataType()),
                    parquet.getColumns().get(c),
                    output.compressor())));
        }
        columns = written.stream().map(PlainColumn::values).toList();
        lists = columns.stream().filter(PartColumn::isList).toList();
    }

    /**
     * Appends a row.
     *
     * @throws IllegalArgumentException if it has another number of values than the schema, or a null where that allows none
     */
    public void write(@Nullable Object[] row) throws IOException {
        requireWidth(row.length);
        for (var c = 0; c < fields.length; c++) {
            if (row[c] == null) {
                requireNullable(c);
            }
        }
        for (var c = 0; c < fields.length; c++) {
            columns.get(c).add(row[c]);
        }
        endRow();
    }

    private void endRow() throws IOException {
        var elements = 0;
        for (var column : lists) {
            elements = Math.max(elements, column.elements());
        }
        rows++;
        if (rows == PartColumn.CAPACITY || elements >= PAGE_ELEMENTS) {
            endPage();
        }
    }

    /** Begins a row whose values are told one after the other, without an object for each; until {@link Row#end} there is no other. */
    public Row row() {
        row.next = 0;
        return row;
    }

    /**
     * A row that is being written: a value for every column, in the order of the schema. Each throws an
     * {@link IllegalArgumentException} for a null where the schema allows none; then the file cannot be ended.
     */
    public final class Row {
        private int next;

        private Row() {}

        /** Of a column of texts. */
        public Row text(@Nullable String value) {
            if (value == null) {
                return absent();
            }
            columns.get(next++).add(value);
            return this;
        }

        /** Of a column of longs. */
        public Row whole(long value) {
            columns.get(next++).add(value);
            return this;
        }

        /** Of a column of integers. */
        public Row integer(int value) {
            columns.get(next++).add(value);
            return this;
        }

        /** Of a column of doubles. */
        public Row number(double value) {
            columns.get(next++).add(value);
            return this;
        }

        /** The same where a value may be absent. */
        public Row number(@Nullable Double value) {
            return value == null ? absent() : number(value.doubleValue());
        }

        /** Of a column of flags. */
        public Row flag(boolean value) {
            columns.get(next++).add(value);
            return this;
        }

        /** Of a column of vectors. */
        public Row vector(float @Nullable [] value) {
            if (value == null) {
                return absent();
            }
            columns.get(next++).add(value);
            return this;
        }

        /** Of a column of vectors of flags. */
        public Row flags(boolean @Nullable [] value) {
            if (value == null) {
                return absent();
            }
            columns.get(next++).add(value);
            return this;
        }

        /** Of any column. */
        public Row absent() {
            requireNullable(next);
            columns.get(next++).addAbsent();
            return this;
        }

        /**
         * Ends the row.
         *
         * @throws IllegalArgumentException if it has another number of values than the schema
         */
        public void end() throws IOException {
            requireWidth(next);
            endRow();
        }
    }

    private void requireWidth(int values) {
        if (values != fields.length) {
            throw new IllegalArgumentException(
                    "Cannot write a row of " + values + " values: the schema has " + fields.length);
        }
    }

    private void requireNullable(int column) {
        if (!fields[column].nullable()) {
            throw new IllegalArgumentException(
                    "Cannot write a row: " + fields[column].name() + " is null, where its schema allows none");
        }
    }

    /** How many rows were written. */
    public long rows() {
        return hash.rows() + rows;
    }

    /**
     * Ends the file and reads it back, value by value.
     *
     * @throws IOException if it cannot be written, or what is read is not what was written
     */
    public PartFile finish() throws IOException {
        if (rows > 0) {
            endPage();
        }
        return output.finish(Map.of(), hash.fingerprint());
    }

    /** Leaves the file as it is, without an end, unless {@link #finish} was called. */
    @Override
    public void close() throws IOException {
        output.close();
    }

    private void endPage() throws IOException {
        hash.add(columns);
        for (var column : written) {
            column.endPage();
        }
        output.endPage(rows);
        rows = 0;
    }

    static PartColumn.Kind kind(DataType type) {
        if (type instanceof ArrayType array) {
            return switch (primitive(array.elementType())) {
                case BOOLEAN -> PartColumn.Kind.FLAGS;
                case DOUBLE -> PartColumn.Kind.DOUBLES;
                default -> PartColumn.Kind.FLOATS;
            };
        }
        return switch (primitive(type)) {
            case BINARY -> type.equals(DataTypes.StringType) ? PartColumn.Kind.TEXT : PartColumn.Kind.BYTES;
            case INT64 -> PartColumn.Kind.LONG;
            case INT32 -> PartColumn.Kind.INTEGER;
            case FLOAT -> PartColumn.Kind.FLOAT;
            case DOUBLE -> PartColumn.Kind.DOUBLE;
            case BOOLEAN -> PartColumn.Kind.FLAG;
            default -> throw new IllegalArgumentException("Cannot write a column of type " + type.typeName());
        };
    }

    /** The Parquet form of a schema, lists in three levels as the format's specification has them. */
    static MessageType parquetSchema(StructType schema) {
        var fields = Arrays.stream(schema.fields()).map(PartWriter::type).toArray(Type[]::new);
        return new MessageType("spark_schema", fields);
    }

    private static Type type(StructField field) {
        var repetition = field.nullable() ? Repetition.OPTIONAL : Repetition.REQUIRED;
        if (field.dataType() instanceof ArrayType array) {
            return Types.list(repetition)
                    .element(primitive(array.elementType()), Repetition.REQUIRED)
                    .named(field.name());
        }
        var builder = Types.primitive(primitive(field.dataType()), repetition);
        return field.dataType().equals(DataTypes.StringType)
                ? builder.as(LogicalTypeAnnotation.stringType()).named(field.name())
                : builder.named(field.name());
    }

    private static PrimitiveTypeName primitive(DataType type) {
        return switch (type.typeName()) {
            case "string", "binary" -> PrimitiveTypeName.BINARY;
            case "long" -> PrimitiveTypeName.INT64;
            case "integer" -> PrimitiveTypeName.INT32;
            case "double" -> PrimitiveTypeName.DOUBLE;
            case "float" -> PrimitiveTypeName.FLOAT;
            case "boolean" -> PrimitiveTypeName.BOOLEAN;
            default -> throw new IllegalArgumentException("Cannot write a column of type " + type.typeName());
        };
    }
}
