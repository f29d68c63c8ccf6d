package io.hindcast.table;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
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
 * String, Long, Integer, Double, Boolean, float[], boolean[], or null where the schema allows it.
 */
public final class PartWriter implements Closeable {
    private final TableName table;
    private final StructType schema;
    private final Path path;
    private final Configuration hadoop;
    private final ParquetWriter<@Nullable Object[]> writer;
    private final RowHash hash = new RowHash();

    /**
     * Begins a file.
     *
     * @param directory where; see {@link Warehouse#aside}
     * @param name the file's name, different for every attempt of a task
     * @throws IOException if it cannot be made
     */
    public PartWriter(TableName table, String directory, String name, Configuration hadoop) throws IOException {
        this.table = table;
        this.hadoop = hadoop;
        schema = table.schema();
        path = new Path(directory, name);
        writer = new Builder(HadoopOutputFile.fromPath(path, hadoop), schema)
                .withConf(hadoop)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withDictionaryEncoding(true)
                .withPageWriteChecksumEnabled(true)
                .build();
    }

    /**
     * Appends a row.
     *
     * @throws IllegalArgumentException if it has another number of values than the schema, or a null where that allows none
     */
    public void write(@Nullable Object[] row) throws IOException {
        hash.add(row);
        writer.write(row);
    }

    /** How many rows were written. */
    public long rows() {
        return hash.rows();
    }

    /** Ends the file and reads it back. */
    public PartFile finish() throws IOException {
        close();
        var files = path.getFileSystem(hadoop);
        try (var in = files.open(path)) {
            var sha256 = DigestUtils.sha256Hex((InputStream) in);
            return new PartFile(
                    table, path.getName(), files.getFileStatus(path).getLen(), sha256, hash.rows(), hash.fingerprint());
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
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
            case "string" -> PrimitiveTypeName.BINARY;
            case "long" -> PrimitiveTypeName.INT64;
            case "integer" -> PrimitiveTypeName.INT32;
            case "double" -> PrimitiveTypeName.DOUBLE;
            case "float" -> PrimitiveTypeName.FLOAT;
            case "boolean" -> PrimitiveTypeName.BOOLEAN;
            default -> throw new IllegalArgumentException("Cannot write a column of type " + type.typeName());
        };
    }

    private static final class Builder extends ParquetWriter.Builder<@Nullable Object[], Builder> {
        private final StructType schema;

        Builder(OutputFile file, StructType schema) {
            super(file);
            this.schema = schema;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract, and called by nobody
        protected WriteSupport<@Nullable Object[]> getWriteSupport(Configuration conf) {
            return new Rows(schema);
        }
    }

    private static final class Rows extends WriteSupport<@Nullable Object[]> {
        private final StructField[] fields;
        private final MessageType schema;
        private @Nullable RecordConsumer out;

        Rows(StructType schema) {
            this.fields = schema.fields();
            this.schema = parquetSchema(schema);
        }

        @Override
        @SuppressWarnings("deprecation") // abstract; the other one calls it
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            out = consumer;
        }

        @Override
        public void write(@Nullable Object[] row) {
            if (row.length != fields.length) {
                throw new IllegalArgumentException(
                        "Cannot write a row of " + row.length + " values: the schema has " + fields.length);
            }
            var consumer = Objects.requireNonNull(out);
            consumer.startMessage();
            for (var i = 0; i < fields.length; i++) {
                var value = row[i];
                if (value != null) {
                    var name = fields[i].name();
                    consumer.startField(name, i);
                    write(consumer, value);
                    consumer.endField(name, i);
                } else if (!fields[i].nullable()) {
                    throw new IllegalArgumentException(
                            "Cannot write a row: " + fields[i].name() + " is null, where its schema allows none");
                }
            }
            consumer.endMessage();
        }

        private static void write(RecordConsumer out, Object value) {
            if (value instanceof String text) {
                out.addBinary(Binary.fromString(text));
            } else if (value instanceof Long number) {
                out.addLong(number);
            } else if (value instanceof Integer number) {
                out.addInteger(number);
            } else if (value instanceof Double number) {
                out.addDouble(number);
            } else if (value instanceof Boolean flag) {
                out.addBoolean(flag);
            } else if (value instanceof float[] floats) {
                out.startGroup();
                if (floats.length > 0) {
                    out.startField("list", 0);
                    for (var number : floats) {
                        out.startGroup();
                        out.startField("element", 0);
                        out.addFloat(number);
                        out.endField("element", 0);
                        out.endGroup();
                    }
                    out.endField("list", 0);
                }
                out.endGroup();
            } else if (value instanceof boolean[] flags) {
                out.startGroup();
                if (flags.length > 0) {
                    out.startField("list", 0);
                    for (var flag : flags) {
                        out.startGroup();
                        out.startField("element", 0);
                        out.addBoolean(flag);
                        out.endField("element", 0);
                        out.endGroup();
                    }
                    out.endField("list", 0);
                }
                out.endGroup();
            } else {
                throw new IllegalArgumentException("Cannot write a " + value.getClass());
            }
        }
    }
}
