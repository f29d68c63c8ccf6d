package io.hindcast.table.parquet;

import java.io.IOException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ParquetFileWriter;

/** A column that is written by {@link ColumnChunk}, and the sum by which it is known again when it is read back. */
final class PlainColumn implements WaitingColumn {
    private final PartColumn values;
    private final ColumnChunk chunk;
    private final ColumnSum sum = new ColumnSum();

    PlainColumn(String name, PartColumn.Kind kind, ColumnDescriptor column, BytesInputCompressor compressor) {
        values = new PartColumn(name, kind);
        chunk = new ColumnChunk(column, compressor);
    }

    /** The rows of the next page. */
    PartColumn values() {
        return values;
    }

    /** Encodes them, and makes room for others. */
    void endPage() throws IOException {
        sum.add(values);
        chunk.add(values);
        values.clear();
    }

    /** Of all values so far. */
    long sum() {
        return sum.sum();
    }

    @Override
    public long bytes() {
        return chunk.bytes();
    }

    @Override
    public void flush(ParquetFileWriter file) throws IOException {
        chunk.flush(file);
    }
}
