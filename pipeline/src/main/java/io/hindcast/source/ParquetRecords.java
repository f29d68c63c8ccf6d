package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** The rows of a Parquet file whose columns are those of a known writer, read without Spark. */
final class ParquetRecords implements Closeable {
    private final String file;
    private final List<String> columns;
    private final ParquetReader<Group> reader;

    /**
     * @param wanted the columns to read
     * @throws UserException if it is no Parquet file
     */
    ParquetRecords(InputFile input, Predicate<String> wanted, Configuration configuration) {
        file = input.name();
        columns = new ArrayList<>();
        var path = new Path(input.path());
        reader = intact(() -> {
            var schema =
                    ParquetFooters.read(input, configuration).getFileMetaData().getSchema();
            var fields = new ArrayList<Type>();
            for (var field : schema.getFields()) {
                columns.add(field.getName());
                if (wanted.test(field.getName())) {
                    fields.add(field);
                }
            }
            var projected = new Configuration(configuration);
            projected.set(ReadSupport.PARQUET_READ_SCHEMA, new MessageType(schema.getName(), fields).toString());
            return ParquetReader.builder(new GroupReadSupport(), path)
                    .withConf(projected)
                    .withCodecFactory(new ParquetPages(file, projected))
                    .build();
        });
    }

    /** The names of all columns. */
    List<String> columns() {
        return columns;
    }

    /**
     * The next row, by column; a value is what a {@link RowReader} gives, and of binary columns an {@link ArrowVector.Binary}.
     *
     * @return null after the last
     * @throws UserException if the file is damaged
     */
    @Nullable Map<String, @Nullable Object> next() {
        var group = intact(() -> Optional.ofNullable(reader.read()));
        return group.isEmpty() ? null : intact(() -> struct(group.get()));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private interface Reading<T extends @Nullable Object> {
        T read() throws IOException;
    }

    /** Parquet's library throws whatever a broken byte leads to, and believes the sizes that it reads. */
    private <T extends @Nullable Object> T intact(Reading<T> reading) {
        try {
            return reading.read();
        } catch (UserException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw Format.damaged(file, e);
        } catch (OutOfMemoryError e) {
            throw new UserException(
                    "Cannot read " + file
                            + ": it claims a page that does not fit in memory; the file is damaged, copy it"
                            + " again, or write it in smaller pages",
                    e);
        }
    }

    private static Map<String, @Nullable Object> struct(Group group) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (var i = 0; i < group.getType().getFieldCount(); i++) {
            map.put(group.getType().getFieldName(i), group.getFieldRepetitionCount(i) == 0 ? null : value(group, i, 0));
        }
        return map;
    }

    private static @Nullable Object value(Group group, int field, int at) {
        var type = group.getType().getType(field);
        if (type.isPrimitive()) {
            return primitive(group, type.asPrimitiveType(), field, at);
        }
        var inner = group.getGroup(field, at);
        return type.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation ? list(inner) : struct(inner);
    }

    /** A list is a group of a repeated group of one item, or in old files of repeated items. */
    private static Object list(Group list) {
        var repeated = list.getType().getType(0);
        var wrapped = !repeated.isPrimitive()
                && isWrapper(repeated.asGroupType(), list.getType().getName());
        var items = new ArrayList<@Nullable Object>();
        for (var i = 0; i < list.getFieldRepetitionCount(0); i++) {
            if (!wrapped) {
                items.add(value(list, 0, i));
                continue;
            }
            var one = list.getGroup(0, i);
            items.add(one.getFieldRepetitionCount(0) == 0 ? null : value(one, 0, 0));
        }
        return items;
    }

    private static boolean isWrapper(GroupType repeated, String list) {
        return repeated.getFieldCount() == 1
                && !repeated.getName().equals("array")
                && !repeated.getName().equals(list + "_tuple");
    }

    private static Object primitive(Group group, PrimitiveType type, int field, int at) {
        return switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> group.getBoolean(field, at);
            case INT32 -> (long) group.getInteger(field, at);
            case INT64 -> group.getLong(field, at);
            case FLOAT -> group.getFloat(field, at);
            case DOUBLE -> group.getDouble(field, at);
            case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> {
                // Not getBytes: it makes room for the length that a dictionary claims before it looks.
                var buffer = (type.getPrimitiveTypeName() == PrimitiveTypeName.INT96
                                ? group.getInt96(field, at)
                                : group.getBinary(field, at))
                        .toByteBuffer();
                var bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                yield type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation
                        ? new String(bytes, StandardCharsets.UTF_8)
                        : new ArrowVector.Binary(bytes);
            }
        };
    }
}
