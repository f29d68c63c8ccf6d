package io.hindcast.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;

/** A column that few runs need, of the rows that a {@link ReplayReader} reads and in their order. */
public final class ReplayColumn {
    private ReplayColumn() {}

    /**
     * A column of doubles.
     *
     * @return {@code [rows]}
     * @throws IllegalStateException if a row has none
     */
    public static double[] read(Configuration configuration, ReplayReader rows, String column) {
        try {
            var episodes = episodes(configuration, rows);
            var values = new double[rows.rows()];
            var n = 0;
            for (var file : rows.transitions()) {
                try (var reader = open(configuration, file, List.of("episode_id", column))) {
                    for (var row = reader.read(); row != null; row = reader.read()) {
                        if (!rows.subsets().isEmpty() && !episodes.contains(row.getString("episode_id", 0))) {
                            continue;
                        }
                        if (row.getFieldRepetitionCount(column) == 0) {
                            throw new IllegalStateException(
                                    "Cannot train: a transition of subset " + rows.subset() + " has no " + column);
                        }
                        values[n++] = row.getDouble(column, 0);
                    }
                }
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + column + " of subset " + rows.subset(), e);
        }
    }

    private static Set<String> episodes(Configuration configuration, ReplayReader rows) throws IOException {
        var episodes = new HashSet<String>();
        for (var file : rows.subsets()) {
            try (var reader = open(configuration, file, List.of("subset", "episode_id"))) {
                for (var row = reader.read(); row != null; row = reader.read()) {
                    if (row.getString("subset", 0).equals(rows.subset())) {
                        episodes.add(row.getString("episode_id", 0));
                    }
                }
            }
        }
        return episodes;
    }

    private static ParquetReader<Group> open(Configuration configuration, String file, List<String> columns)
            throws IOException {
        var path = new Path(file);
        var conf = new Configuration(configuration);
        conf.setBoolean("parquet.page.verify-checksum.enabled", true);
        try (var footer = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
            var all = footer.getFileMetaData().getSchema();
            var wanted = new MessageType(
                    all.getName(), columns.stream().map(all::getType).toList());
            conf.set(ReadSupport.PARQUET_READ_SCHEMA, wanted.toString());
        }
        return ParquetReader.builder(new GroupReadSupport(), path)
                .withConf(conf)
                .build();
    }
}
