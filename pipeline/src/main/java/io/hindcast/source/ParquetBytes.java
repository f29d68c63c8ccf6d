package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The values of one binary column of a Parquet file, a record each. */
final class ParquetBytes implements Records {
    private final String file;
    private final String column;
    private final ParquetRecords rows;

    /** @throws UserException if the file has no such column */
    ParquetBytes(InputFile input, String column, Configuration configuration) {
        file = input.name();
        this.column = column;
        rows = new ParquetRecords(input, column::equals, configuration);
        if (!rows.columns().contains(column)) {
            throw new UserException("Cannot read " + file + ": it has no column '" + column + "' but "
                    + rows.columns().stream().limit(8).map(ArrowField::shown).toList()
                    + "; a row a step is read with format = parquet, see conf/ingest/rlds.conf");
        }
    }

    @Override
    public byte @Nullable [] next() {
        var row = rows.next();
        if (row == null) {
            return null;
        }
        if (!(row.get(column) instanceof ArrowVector.Binary packed)) {
            throw new UserException(
                    "Cannot read " + file + ": its column '" + column + "' is not binary; check format");
        }
        return packed.bytes();
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
