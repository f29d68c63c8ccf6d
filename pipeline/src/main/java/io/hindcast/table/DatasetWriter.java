package io.hindcast.table;

import io.hindcast.config.Json;
import io.hindcast.data.Findings;
import io.hindcast.data.Transition;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.PartWriter;
import io.hindcast.timeline.Assembled;
import io.hindcast.timeline.Flag;
import io.hindcast.timeline.IngestTally;
import io.hindcast.timeline.LoggedRow;
import io.hindcast.timeline.Quarantined;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.io.IOUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Publishes episodes as {@code transitions}, {@code episodes} and {@code quarantine}, in one pass over them: every task writes its
 * part of the three tables aside. Then they are put in place one by one, {@code transitions} last: until that is there, nobody
 * looks at the others, which name it as their parent.
 */
public final class DatasetWriter implements AutoCloseable {
    private static final List<TableName> TABLES =
            List.of(TableName.QUARANTINE, TableName.EPISODES, TableName.TRANSITIONS);

    private final Warehouse warehouse;
    private final TableWriter tables;
    private final Publication publication;
    private final EnumMap<TableName, String> directories = new EnumMap<>(TableName.class);

    /**
     * Begins a version of the three tables.
     *
     * @param publication of {@code transitions}, begun before anybody looked at the version that this one is appended to
     */
    public DatasetWriter(Publication publication) {
        this.warehouse = publication.warehouse();
        tables = new TableWriter(warehouse);
        this.publication = publication;
        TABLES.forEach(table -> directories.put(table, tables.aside(table)));
    }

    /**
     * What a task, or all of them, wrote.
     *
     * @param tally what became of the rows
     * @param parts the files
     */
    public record Written(IngestTally tally, List<Part> parts) implements Serializable {
        /** A file of one of the tables. */
        record Part(TableName table, PartFile file) implements Serializable {}

        Written plus(Written other) {
            var all = new ArrayList<>(parts);
            all.addAll(other.parts);
            return new Written(new IngestTally().merge(tally).merge(other.tally), all);
        }
    }

    /** Writes all episodes aside, a task a partition; to be published by {@link #publish}. */
    public Written write(JavaRDD<Assembled> episodes) {
        var directories = Map.copyOf(this.directories);
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
        return episodes
                .mapPartitionsWithIndex(
                        (part, assembled) -> List.of(part(
                                        String.format(
                                                "part-%05d-%d.parquet",
                                                part, TaskContext.get().taskAttemptId()),
                                        assembled,
                                        directories,
                                        hadoop.value()))
                                .iterator(),
                        true)
                .collect()
                .stream()
                .reduce(new Written(new IngestTally(), List.of()), Written::plus);
    }

    /** The same of a few episodes, here and now. */
    Written write(List<Assembled> episodes) {
        return part("part-00000.parquet", episodes.iterator(), directories, warehouse.hadoop());
    }

    /**
     * Publishes what was written.
     *
     * @param base the version of {@code transitions} that it is appended to
     * @return the version of {@code transitions}
     */
    public TableVersion publish(Written written, Request request, Optional<TableVersion> base) {
        return publish(written, request, base, Map.of());
    }

    /**
     * As {@link #publish(Written, Request, Optional)}, with small tables that belong to the dataset and are put in place before it.
     *
     * @param beside the rows of each, see {@link Publication#beside(TableName, Request, List)}
     */
    public TableVersion publish(
            Written written,
            Request request,
            Optional<TableVersion> base,
            Map<TableName, List<@Nullable Object[]>> beside) {
        var before = base.map(TableVersion::manifest).map(Manifest::findings).orElse(Findings.NONE);
        var transitions = draft(TableName.TRANSITIONS, publication.number(), written, base)
                .with(before.plus(written.tally().findings()));
        var episodes = written.tally().episodes()
                + base.map(version ->
                                Objects.requireNonNullElse(version.manifest().episodes(), 0L))
                        .orElse(0L);
        var derived = new Request(request.job(), Map.of(), List.of(transitions.asParent()), List.of());
        for (var table : List.of(TableName.QUARANTINE, TableName.EPISODES)) {
            var older = base.flatMap(version -> warehouse.beside(version, table));
            publication.beside(draft(table, 0, written, older), derived, table == TableName.EPISODES ? episodes : null);
        }
        beside.forEach((table, rows) -> publication.beside(table, derived, rows));
        return publication.publish(transitions, request, episodes);
    }

    private Draft draft(TableName table, int number, Written written, Optional<TableVersion> base) {
        var parts = written.parts().stream()
                .filter(part -> part.table() == table)
                .map(Written.Part::file)
                .sorted(Comparator.comparing(PartFile::name))
                .toList();
        return new Draft(table, number, Objects.requireNonNull(directories.get(table)), parts, base);
    }

    /** Removes what was written aside and not published. */
    @Override
    public void close() {
        directories.values().forEach(tables::discard);
    }

    private static Written part(
            String name, Iterator<Assembled> episodes, Map<TableName, String> directories, Configuration hadoop) {
        var writers = new EnumMap<TableName, PartWriter>(TableName.class);
        var tally = new IngestTally();
        try {
            while (episodes.hasNext()) {
                var episode = episodes.next();
                tally.add(episode);
                if (!episode.transitions().isEmpty()) {
                    var transitions = writer(TableName.TRANSITIONS, writers, directories, name, hadoop);
                    for (var transition : episode.transitions()) {
                        TransitionsTable.write(transition, transitions);
                    }
                    writer(TableName.EPISODES, writers, directories, name, hadoop)
                            .write(summary(episode));
                }
                for (var row : episode.quarantined()) {
                    writer(TableName.QUARANTINE, writers, directories, name, hadoop)
                            .write(values(row));
                }
            }
            var parts = new ArrayList<Written.Part>();
            for (var writer : writers.entrySet()) {
                parts.add(new Written.Part(writer.getKey(), writer.getValue().finish()));
            }
            return new Written(tally, List.copyOf(parts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writers.values().forEach(IOUtils::closeQuietly);
        }
    }

    private static PartWriter writer(
            TableName table,
            EnumMap<TableName, PartWriter> writers,
            Map<TableName, String> directories,
            String name,
            Configuration hadoop)
            throws IOException {
        var writer = writers.get(table);
        if (writer == null) {
            writer = new PartWriter(table.schema(), Objects.requireNonNull(directories.get(table)), name, hadoop);
            writers.put(table, writer);
        }
        return writer;
    }

    /** A row of the table of episodes; rewards are added in the order of steps, so the sums are always the same. */
    private static @Nullable Object[] summary(Assembled assembled) {
        var episode = assembled.transitions();
        var sum = 0.0;
        for (var transition : episode) {
            sum += transition.reward();
        }
        var first = episode.get(0);
        return new @Nullable Object[] {
            first.episodeId(),
            first.group(),
            (long) episode.size(),
            sum,
            Transition.ending(episode),
            first.sourceFile(),
            assembled.trajectory()
        };
    }

    private static @Nullable Object[] values(Quarantined quarantined) {
        var row = quarantined.row();
        return new @Nullable Object[] {
            row.episode(),
            quarantined.reason().toString(),
            quarantined.detail(),
            row.file(),
            row.row(),
            Json.text(readable(row))
        };
    }

    private static Map<String, Object> readable(LoggedRow row) {
        var readable = new LinkedHashMap<String, Object>();
        put(readable, "step", row.step());
        put(readable, "time", row.time());
        put(readable, "observation", list(row.observation()));
        put(readable, "action", list(row.action()));
        put(readable, "action_index", row.actionIndex());
        put(readable, "reward", row.reward());
        put(readable, "next_observation", list(row.nextObservation()));
        put(readable, "terminated", flag(row, row.terminated(), Flag.TERMINATED));
        put(readable, "truncated", flag(row, row.truncated(), Flag.TRUNCATED));
        put(readable, "propensity", row.probability());
        put(readable, "behaviour_log_prob", row.logProbability());
        put(readable, "action_mask", row.actionMask());
        put(readable, "time_delta", row.timeDelta());
        put(readable, "kept", row.kept());
        return readable;
    }

    /** Null where the row does not tell. */
    private static @Nullable Boolean flag(LoggedRow row, boolean value, Flag flag) {
        return (!value && row.isUnknown(flag)) ? null : Boolean.valueOf(value);
    }

    private static @Nullable List<Object> list(float @Nullable [] values) {
        if (values == null) {
            return null;
        }
        var list = new ArrayList<Object>();
        for (var value : values) {
            list.add(readable((double) value));
        }
        return list;
    }

    /** JSON has no NaN and no infinity: numbers that are none are written as text. */
    private static Object readable(double number) {
        return Double.isFinite(number) ? number : (Object) String.valueOf(number);
    }

    private static void put(Map<String, Object> readable, String name, @Nullable Object value) {
        if (value != null) {
            readable.put(name, value instanceof Double number ? readable(number) : value);
        }
    }
}
