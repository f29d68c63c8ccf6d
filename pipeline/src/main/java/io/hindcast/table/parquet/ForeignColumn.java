package io.hindcast.table.parquet;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A column of a type that no table of ours has, such as a struct or a map: Spark and Parquet's own writers encode it, value by value. */
final class ForeignColumn implements WaitingColumn {
    private final BytesInputCompressor compressor;
    private final ParquetWriteSupport support = new ParquetWriteSupport();
    private final MessageType schema;
    private final ParquetProperties properties = ParquetProperties.builder()
            .withPageWriteChecksumEnabled(true)
            .withBloomFilterEnabled(false)
            .build();
    private ColumnChunkPageWriteStore pages;
    private RecordConsumer consumer;
    private ColumnWriteStore values;
    private long rows;

    /** @param hadoop is copied */
    ForeignColumn(StructField field, Configuration hadoop, BytesInputCompressor compressor) {
        this.compressor = compressor;
        schema = support.init(settings(field, hadoop)).getSchema();
        pages = pages();
        values = properties.newColumnWriteStore(schema, pages, pages);
        consumer = consumer();
    }

    /** How Spark writes a column. */
    static MessageType schema(StructField field, Configuration hadoop) {
        return new ParquetWriteSupport().init(settings(field, hadoop)).getSchema();
    }

    private static Configuration settings(StructField field, Configuration hadoop) {
        var settings = new Configuration(hadoop);
        settings.set("spark.sql.parquet.writeLegacyFormat", "false");
        settings.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        settings.set("spark.sql.parquet.fieldId.write.enabled", "false");
        settings.set("spark.sql.parquet.variant.annotateLogicalType.enabled", "true");
        ParquetWriteSupport.setSchema(new StructType(new StructField[] {field}), settings);
        return settings;
    }

    private ColumnChunkPageWriteStore pages() {
        return new ColumnChunkPageWriteStore(
                compressor,
                schema,
                HeapByteBufferAllocator.getInstance(),
                ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                true);
    }

    private RecordConsumer consumer() {
        var result = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(values);
        support.prepareForWrite(result);
        return result;
    }

    /** Adds a row: the column alone. */
    void add(InternalRow row) {
        support.write(row);
        rows++;
    }

    @Override
    public long bytes() {
        return values.getBufferedSize();
    }

    @Override
    public void flush(ParquetFileWriter file) throws IOException {
        consumer.flush(); // it holds back nulls
        values.flush();
        pages.flushToFileWriter(file);
        values.close();
        pages.close();
        pages = pages();
        values = properties.newColumnWriteStore(schema, pages, pages);
        consumer = consumer();
    }

    /**
     * Reads every page of it, whose checksums prove them.
     *
     * @throws IOException if what is read is not what was written
     */
    void readBack(Path path, Configuration hadoop) throws IOException {
        var read = 0L;
        var options = HadoopReadOptions.builder(hadoop, path)
                .usePageChecksumVerification()
                .withCodecFactory(new PageCodecs(hadoop))
                .build();
        try (var file = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop), options)) {
            file.setRequestedSchema(schema);
            for (var group = file.readNextRowGroup(); group != null; group = file.readNextRowGroup()) {
                read += group.getRowCount();
                for (var column : schema.getColumns()) {
                    var reader = group.getPageReader(column);
                    var left = reader.getTotalValueCount();
                    reader.readDictionaryPage();
                    for (var page = reader.readPage(); page != null; page = reader.readPage()) {
                        left -= page.getValueCount();
                    }
                    if (left != 0) {
                        throw new IOException("Cannot write " + path + ": " + left + " values of "
                                + List.of(column.getPath()) + " were not read back");
                    }
                }
            }
        } catch (RuntimeException e) {
            throw new IOException("Cannot write " + path + ": it cannot be read back (" + e.getMessage() + ")", e);
        }
        if (read != rows) {
            throw new IOException("Cannot write " + path + ": of the " + rows + " rows that were written, " + read
                    + " were read back");
        }
    }
}
