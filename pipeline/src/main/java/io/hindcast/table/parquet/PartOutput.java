package io.hindcast.table.parquet;

import io.hindcast.files.LocalFiles;
import io.hindcast.files.Publisher;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;

/** A Parquet file that is being written: its columns wait until they are a group of rows, and at the end it is read back. */
final class PartOutput implements Closeable {
    // Chosen by measurement, see data-schema/README.md. Floats stand plainly: Spark cannot read bytes split into
    // streams.
    private static final long GROUP_BYTES = 32 << 20;

    private final Path path;
    private final Configuration hadoop;
    private final BytesInputCompressor compressor;
    private final ParquetFileWriter file;
    private final List<WaitingColumn> columns = new ArrayList<>();
    private long groupRows;
    private long rows;
    private boolean ended;

    /**
     * Begins a file.
     *
     * @throws IOException if it cannot be made
     */
    PartOutput(MessageType schema, String directory, String name, Configuration hadoop) throws IOException {
        this.hadoop = hadoop;
        path = new Path(directory, name);
        compressor = new PageCodecs(hadoop).getCompressor(CompressionCodecName.ZSTD);
        file = new ParquetFileWriter(
                LocalFiles.isLocal(path, hadoop)
                        ? new LocalPart(path, hadoop)
                        : HadoopOutputFile.fromPath(path, hadoop),
                schema,
                ParquetFileWriter.Mode.CREATE,
                ParquetWriter.DEFAULT_BLOCK_SIZE,
                0,
                null,
                ParquetProperties.builder().withPageWriteChecksumEnabled(true).build());
        file.start();
    }

    /** What compresses its pages. */
    BytesInputCompressor compressor() {
        return compressor;
    }

    /** Adds the next column, in the order of the schema. */
    <T extends WaitingColumn> T add(T column) {
        columns.add(column);
        return column;
    }

    /** So many rows more wait in the columns. */
    void endPage(int count) throws IOException {
        groupRows += count;
        rows += count;
        if (columns.stream().mapToLong(WaitingColumn::bytes).sum() >= GROUP_BYTES) {
            endGroup();
        }
    }

    private void endGroup() throws IOException {
        if (groupRows > 0) {
            file.startBlock(groupRows);
            for (var column : columns) {
                column.flush(file);
            }
            file.endBlock();
            groupRows = 0;
        }
    }

    /**
     * Ends the file and reads it back, value by value.
     *
     * @param metadata of its end
     * @param fingerprint of its rows
     * @throws IOException if it cannot be written, or what is read is not what was written
     */
    PartFile finish(Map<String, String> metadata, String fingerprint) throws IOException {
        endGroup();
        file.end(metadata);
        close();
        readBack();
        var files = path.getFileSystem(hadoop);
        return new PartFile(
                path.getName(), files.getFileStatus(path).getLen(), Publisher.sha256(files, path), rows, fingerprint);
    }

    private void readBack() throws IOException {
        var plain = columns.stream()
                .filter(PlainColumn.class::isInstance)
                .map(PlainColumn.class::cast)
                .toList();
        var kinds = new LinkedHashMap<String, PartColumn.Kind>();
        plain.forEach(
                column -> kinds.put(column.values().name(), column.values().kind()));
        var read = plain.stream().map(column -> new ColumnSum()).toList();
        var rowsRead = 0L;
        try (var part = PartReader.ofWritten(hadoop, path.toString(), kinds)) {
            var columnsRead = part.columns();
            while (part.next()) {
                for (var c = 0; c < read.size(); c++) {
                    read.get(c).add(columnsRead.get(c));
                }
                rowsRead += part.rows();
            }
        }
        for (var c = 0; c < read.size(); c++) {
            if (rowsRead != rows || read.get(c).sum() != plain.get(c).sum()) {
                throw new IOException("Cannot write " + path + ": of the " + rows + " rows that were written, "
                        + rowsRead + " were read back, and "
                        + plain.get(c).values().name() + " is not what was written");
            }
        }
        for (var column : columns) {
            if (column instanceof ForeignColumn foreign) {
                foreign.readBack(path, hadoop);
            }
        }
    }

    /** Leaves the file as it is, without an end, unless {@link #finish} was called. */
    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            compressor.release();
            file.close();
        }
    }

    /** A new local file, with nothing of Hadoop's beside it. */
    private record LocalPart(Path path, Configuration hadoop) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) throws IOException {
            return HadoopStreams.wrap(LocalFiles.create(path, hadoop));
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }

        @Override
        public String getPath() {
            return path.toString();
        }
    }
}
