package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.DatasetStats;
import io.hindcast.data.Transition;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Describes the transitions of some files of a version, column by column and without Spark, so that a task can do it by itself.
 * Page checksums are verified.
 *
 * @param files Parquet files of {@code transitions}; none is read twice, and no episode lies in two
 */
public record StatsReader(List<String> files) implements Serializable {
    private static final List<String> COLUMNS = List.of(
            "episode_id",
            "step",
            "observation",
            "action",
            "action_index",
            "reward",
            "next_observation",
            "terminated",
            "truncated",
            "behaviour_log_prob",
            "time_delta",
            "source_file",
            "source_row");

    /** The state of their transitions. */
    public DatasetStats read(Configuration configuration, DatasetStats.Rules rules) {
        var conf = new Configuration(configuration);
        conf.setBoolean("parquet.page.verify-checksum.enabled", true);
        var stats = new DatasetStats(rules);
        for (var file : files) {
            try {
                add(conf, file, stats);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        return stats;
    }

    private static void add(Configuration conf, String name, DatasetStats stats) throws IOException {
        var path = new Path(name);
        var options = HadoopReadOptions.builder(conf, path).build();
        try (var file = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf), options)) {
            var all = file.getFileMetaData().getSchema();
            var schema = new MessageType(
                    all.getName(), COLUMNS.stream().map(all::getType).toList());
            file.setRequestedSchema(schema);
            for (var pages = file.readNextRowGroup(); pages != null; pages = file.readNextRowGroup()) {
                var store = new ColumnReadStoreImpl(
                        pages,
                        new GroupRecordConverter(schema).getRootConverter(),
                        schema,
                        file.getFileMetaData().getCreatedBy());
                var columns = new TreeMap<String, Column>();
                for (var column : schema.getColumns()) {
                    columns.put(column.getPath()[0], new Column(store.getColumnReader(column)));
                }
                var row = new Row(columns);
                for (var i = 0L; i < pages.getRowCount(); i++) {
                    stats.add(row.next());
                }
            }
        }
    }

    /** The columns of a row group, a transition at a time. */
    private static final class Row {
        private final Column episodeId;
        private final Column step;
        private final Column observation;
        private final Column action;
        private final Column actionIndex;
        private final Column reward;
        private final Column nextObservation;
        private final Column terminated;
        private final Column truncated;
        private final Column logProbability;
        private final Column timeDelta;
        private final Column sourceFile;
        private final Column sourceRow;

        Row(Map<String, Column> columns) {
            episodeId = column(columns, "episode_id");
            step = column(columns, "step");
            observation = column(columns, "observation");
            action = column(columns, "action");
            actionIndex = column(columns, "action_index");
            reward = column(columns, "reward");
            nextObservation = column(columns, "next_observation");
            terminated = column(columns, "terminated");
            truncated = column(columns, "truncated");
            logProbability = column(columns, "behaviour_log_prob");
            timeDelta = column(columns, "time_delta");
            sourceFile = column(columns, "source_file");
            sourceRow = column(columns, "source_row");
        }

        private static Column column(Map<String, Column> columns, String name) {
            return Objects.requireNonNull(columns.get(name));
        }

        Transition next() {
            var vector = action.floats();
            var index = actionIndex.integer();
            return new Transition(
                    episodeId.text(),
                    step.whole(),
                    Objects.requireNonNull(observation.floats()),
                    vector == null ? new Action.Index(Objects.requireNonNull(index)) : new Action.Vector(vector),
                    Objects.requireNonNull(reward.number()),
                    Objects.requireNonNull(nextObservation.floats()),
                    terminated.flag(),
                    truncated.flag(),
                    logProbability.number(),
                    null,
                    timeDelta.number(),
                    null,
                    sourceFile.text(),
                    sourceRow.whole());
        }
    }

    private static final class Column {
        private final ColumnReader reader;
        private final int present;
        private float[] buffer = new float[64];
        private @Nullable Binary lastBytes;
        private String lastText = "";

        Column(ColumnReader reader) {
            this.reader = reader;
            this.present = reader.getDescriptor().getMaxDefinitionLevel();
        }

        /** Neighbours mostly have the same text, which is then made once. */
        String text() {
            var bytes = reader.getBinary();
            if (!bytes.equals(lastBytes)) {
                lastBytes = bytes.copy();
                lastText = bytes.toStringUsingUTF8();
            }
            reader.consume();
            return lastText;
        }

        long whole() {
            var value = reader.getLong();
            reader.consume();
            return value;
        }

        boolean flag() {
            var value = reader.getBoolean();
            reader.consume();
            return value;
        }

        @Nullable Integer integer() {
            var value = isPresent() ? Integer.valueOf(reader.getInteger()) : null;
            reader.consume();
            return value;
        }

        @Nullable Double number() {
            var value = isPresent() ? Double.valueOf(reader.getDouble()) : null;
            reader.consume();
            return value;
        }

        float @Nullable [] floats() {
            if (!isPresent()) {
                reader.consume();
                return null;
            }
            var length = 0;
            do {
                if (length == buffer.length) {
                    buffer = Arrays.copyOf(buffer, 2 * length);
                }
                buffer[length++] = reader.getFloat();
                reader.consume();
            } while (reader.getCurrentRepetitionLevel() > 0);
            return Arrays.copyOf(buffer, length);
        }

        private boolean isPresent() {
            return reader.getCurrentDefinitionLevel() == present;
        }
    }
}
