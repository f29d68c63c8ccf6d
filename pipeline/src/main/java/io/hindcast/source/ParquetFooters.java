package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Reads the footers of Parquet files. */
public final class ParquetFooters {
    private ParquetFooters() {}

    /**
     * Reads a file's footer.
     *
     * @throws UserException if it claims more bytes than the file has, for which a reader would make room
     * @throws IOException if there is no whole footer; whatever else a broken byte leads to may be thrown too
     */
    public static ParquetMetadata read(InputFile input, Configuration configuration) throws IOException {
        var file = HadoopInputFile.fromPath(new Path(input.path()), configuration);
        ParquetMetadata footer;
        try (var reader = ParquetFileReader.open(file)) {
            footer = reader.getFooter();
        }
        for (var rows : footer.getBlocks()) {
            for (var column : rows.getColumns()) {
                var start = column.getStartingPos();
                var length = column.getTotalSize();
                if (start < 0 || length < 0 || start > file.getLength() - length) {
                    throw new UserException("Cannot read " + input.name() + ": it claims " + length
                            + " bytes of a column from byte " + start + ", and has " + file.getLength()
                            + "; the file is damaged, copy it again");
                }
            }
        }
        return footer;
    }
}
