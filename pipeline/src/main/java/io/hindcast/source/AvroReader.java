package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** The records of an Avro container file; a record within one is a map from its fields' names. */
final class AvroReader implements RowReader {
    private final String name;
    private final DataFileStream<GenericRecord> records;
    private final List<String> columns;
    private final boolean[] wanted;

    AvroReader(String name, InputStream in, Wanted wanted) {
        this.name = name;
        records = intact(() -> {
            try {
                return new DataFileStream<GenericRecord>(in, new GenericDatumReader<>(null, null, types()));
            } catch (IOException e) {
                throw Format.damaged(name, e);
            }
        });
        var schema = records.getSchema();
        if (schema.getType() != Schema.Type.RECORD) {
            throw new UserException("Cannot read " + name + ": it holds no records but values of type "
                    + schema.getType().getName() + "; give a file of records with a field a column");
        }
        columns = schema.getFields().stream().map(Schema.Field::name).toList();
        this.wanted = new boolean[columns.size()];
        for (var i = 0; i < this.wanted.length; i++) {
            this.wanted[i] = wanted.includes(columns.get(i));
        }
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        return intact(() -> {
            if (!records.hasNext()) {
                return null;
            }
            var record = records.next();
            var values = new @Nullable Object[columns.size()];
            for (var i = 0; i < values.length; i++) {
                values[i] = wanted[i] ? plain(record.get(i)) : null;
            }
            return values;
        });
    }

    @Override
    public void close() throws IOException {
        records.close();
    }

    /** Avro throws whatever a broken byte leads to, and believes every length it reads. */
    private <T extends @Nullable Object> T intact(Supplier<T> work) {
        try {
            return work.get();
        } catch (UserException e) {
            throw e;
        } catch (RuntimeException e) {
            throw Format.damaged(name, e);
        } catch (OutOfMemoryError e) {
            throw new UserException(
                    "Cannot read " + name + ": it claims a block that does not fit in memory; the file is damaged, copy"
                            + " it again, or write it in smaller blocks",
                    e);
        }
    }

    private static GenericData types() {
        var data = new GenericData();
        data.addLogicalTypeConversion(new Conversions.DecimalConversion());
        data.addLogicalTypeConversion(new TimeConversions.DateConversion());
        data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        data.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        data.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
        data.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
        return data;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof List<?> items) {
            var list = new ArrayList<@Nullable Object>(items.size());
            items.forEach(item -> list.add(plain(item)));
            return list;
        }
        if (value instanceof Map<?, ?> entries) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            entries.forEach((key, item) -> map.put(String.valueOf(key), plain(item)));
            return map;
        }
        if (value instanceof GenericRecord record) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            record.getSchema().getFields().forEach(field -> map.put(field.name(), plain(record.get(field.pos()))));
            return map;
        }
        if (value instanceof LocalDateTime time) {
            return time.toInstant(ZoneOffset.UTC);
        }
        return value == null
                        || value instanceof Number
                        || value instanceof Boolean
                        || value instanceof Instant
                        || value instanceof LocalDate
                ? value
                : value.toString();
    }
}
