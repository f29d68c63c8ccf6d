package io.hindcast.table.parquet;

import java.io.IOException;
import org.apache.parquet.hadoop.ParquetFileWriter;

/** A column of a file that is being written: pages that wait until they are a group of rows. */
interface WaitingColumn {
    /** How many bytes wait. */
    long bytes();

    /** Writes all pages and begins anew. */
    void flush(ParquetFileWriter file) throws IOException;
}
