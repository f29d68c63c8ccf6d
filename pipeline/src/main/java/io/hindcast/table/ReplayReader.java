package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;

/**
 * Reads a subset of published transitions into memory, column by column and without Spark, so that every training task can do
 * it by itself. Page checksums are verified. Rows come in the order of the files, which the table keeps by episode and step.
 *
 * @param transitions the Parquet files of a version of {@code transitions}, in order
 * @param subsets the Parquet files of a version of {@code subsets}; none: every transition
 * @param subset which subset
 * @param rows how many transitions it has
 */
public record ReplayReader(List<String> transitions, List<String> subsets, String subset, int rows)
        implements Serializable {

    /**
     * Reads them.
     *
     * @param truncation what a truncated row means to the learner
     * @throws IllegalStateException if the files hold more or fewer transitions of the subset than {@link #rows}
     */
    public ReplayBuffer read(Configuration configuration, Spaces spaces, TerminalFlag truncation) {
        var buffer = new ReplayBuffer(spaces, rows);
        readInto(buffer, configuration, truncation);
        return buffer;
    }

    /** As {@link #read}, behind what the buffer holds already. */
    public void readInto(ReplayBuffer buffer, Configuration configuration, TerminalFlag truncation) {
        var spaces = buffer.spaces();
        var before = buffer.size();
        var conf = new Configuration(configuration);
        conf.setBoolean("parquet.page.verify-checksum.enabled", true);
        try {
            var episodes = episodes(conf);
            var last = "";
            for (var file : transitions) {
                last = append(conf, file, spaces, episodes, truncation, buffer, last);
            }
            buffer.endEpisode();
            if (buffer.size() - before != rows) {
                throw new IllegalStateException("Cannot train on subset " + subset + ": it has " + rows
                        + " transitions, the files hold " + (buffer.size() - before));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read transitions of subset " + subset, e);
        }
    }

    private Set<String> episodes(Configuration conf) throws IOException {
        var episodes = new HashSet<String>();
        for (var file : subsets) {
            try (var columns = new Columns(conf, file, List.of("subset", "episode_id"))) {
                while (columns.nextRowGroup()) {
                    for (var row = 0L; row < columns.rows(); row++) {
                        var name = columns.string("subset");
                        var episode = columns.string("episode_id");
                        if (name.equals(subset)) {
                            episodes.add(episode);
                        }
                    }
                }
            }
        }
        return episodes;
    }

    /** Appends the rows of a file; {@code last} is the episode that the rows before belong to, returned is the new one. */
    private String append(
            Configuration conf,
            String file,
            Spaces spaces,
            Set<String> episodes,
            TerminalFlag truncation,
            ReplayBuffer buffer,
            String last)
            throws IOException {
        var current = last;
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        var names = new ArrayList<>(
                List.of("episode_id", "observation", "reward", "next_observation", "terminated", "truncated"));
        names.add(continuous ? "action" : "action_index");
        var observation = new float[spaces.observationSize()];
        var next = new float[spaces.observationSize()];
        var vector = new float[continuous ? spaces.actions().size() : 0];
        try (var columns = new Columns(conf, file, names)) {
            while (columns.nextRowGroup()) {
                for (var row = 0L; row < columns.rows(); row++) {
                    var episode = columns.string("episode_id");
                    columns.floats("observation", observation);
                    columns.floats("next_observation", next);
                    Action action;
                    if (continuous) {
                        columns.floats("action", vector);
                        action = new Action.Vector(vector);
                    } else {
                        action = new Action.Index(columns.integer("action_index"));
                    }
                    var reward = columns.number("reward");
                    var terminated = columns.flag("terminated");
                    var truncated = columns.flag("truncated");
                    if (subsets.isEmpty() || episodes.contains(episode)) {
                        var flag = terminated
                                ? TerminalFlag.STOPS_BOOTSTRAP
                                : truncated ? truncation : TerminalFlag.KEEPS_BOOTSTRAP;
                        if (!episode.equals(current)) {
                            buffer.endEpisode();
                            current = episode;
                        }
                        buffer.append(observation, action, reward, next, flag);
                    }
                }
            }
        }
        return current;
    }

    /** The columns of a file, read value by value; every column must be read once a row. */
    private static final class Columns implements AutoCloseable {
        private final ParquetFileReader file;
        private final MessageType schema;
        private final Map<String, ColumnReader> readers = new LinkedHashMap<>();
        private long rows;

        Columns(Configuration conf, String path, List<String> names) throws IOException {
            var hadoopPath = new Path(path);
            file = ParquetFileReader.open(
                    HadoopInputFile.fromPath(hadoopPath, conf),
                    HadoopReadOptions.builder(conf, hadoopPath).build());
            var all = file.getFileMetaData().getSchema();
            schema = new MessageType(
                    all.getName(), names.stream().map(all::getType).toList());
            file.setRequestedSchema(schema);
        }

        boolean nextRowGroup() throws IOException {
            var pages = file.readNextRowGroup();
            if (pages == null) {
                return false;
            }
            rows = pages.getRowCount();
            var store = new ColumnReadStoreImpl(
                    pages,
                    new GroupRecordConverter(schema).getRootConverter(),
                    schema,
                    file.getFileMetaData().getCreatedBy());
            for (var column : schema.getColumns()) {
                readers.put(column.getPath()[0], store.getColumnReader(column));
            }
            return true;
        }

        long rows() {
            return rows;
        }

        String string(String name) {
            var reader = reader(name);
            var value = reader.getBinary().toStringUsingUTF8();
            reader.consume();
            return value;
        }

        double number(String name) {
            var reader = reader(name);
            var value = reader.getDouble();
            reader.consume();
            return value;
        }

        int integer(String name) {
            var reader = reader(name);
            requireValue(name, reader);
            var value = reader.getInteger();
            reader.consume();
            return value;
        }

        boolean flag(String name) {
            var reader = reader(name);
            var value = reader.getBoolean();
            reader.consume();
            return value;
        }

        /** Fills {@code target} with the row's array, which must be of just that length. */
        void floats(String name, float[] target) {
            var reader = reader(name);
            var i = 0;
            do {
                requireValue(name, reader);
                if (i == target.length) {
                    throw wrongLength(name, target.length);
                }
                target[i++] = reader.getFloat();
                reader.consume();
            } while (reader.getCurrentRepetitionLevel() > 0);
            if (i != target.length) {
                throw wrongLength(name, target.length);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        private ColumnReader reader(String name) {
            return Objects.requireNonNull(readers.get(name));
        }

        private static void requireValue(String name, ColumnReader reader) {
            if (reader.getCurrentDefinitionLevel() != reader.getDescriptor().getMaxDefinitionLevel()) {
                throw new IllegalStateException("Cannot train: column " + name + " has an absent value");
            }
        }

        private static IllegalStateException wrongLength(String name, int length) {
            return new IllegalStateException(
                    "Cannot train: column " + name + " has a row whose length is not " + length);
        }
    }
}
