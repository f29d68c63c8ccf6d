package io.hindcast.table;

import io.hindcast.config.UserException;
import io.hindcast.data.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A version of a table to come, and those of other tables that belong to it. They are put in place one by one, it last: until it is
 * there nobody reads the others. If it does not get there, because another writer was faster, they are removed.
 */
public final class Publication implements AutoCloseable {
    private static final int ATTEMPTS = 100;

    private final Warehouse warehouse;
    private final TableWriter writer;
    private final Leftovers leftovers;
    private final TableName table;
    private final int number;
    private final Manifest.Publication together;
    private final List<TableVersion> beside = new ArrayList<>();

    Publication(Warehouse warehouse, TableName table) {
        this.warehouse = warehouse;
        writer = new TableWriter(warehouse);
        leftovers = new Leftovers(warehouse);
        this.table = table;
        // Now, not at the end: of two writers at once the later one must learn of the other.
        number = warehouse.nextNumber(table);
        together = new Manifest.Publication(
                table.directory(), number, UUID.randomUUID().toString().replace("-", ""));
    }

    /** Where it is published. */
    public Warehouse warehouse() {
        return warehouse;
    }

    /** The number that the version will have; if another gets it first, this one is not published. */
    public int number() {
        return number;
    }

    /** What {@code request} asked for, if it is there; see {@link UpToDate#published}. */
    public Optional<TableVersion> published(Request request) {
        return new UpToDate(warehouse).published(table, request);
    }

    /**
     * Puts a few rows in place that belong to the version.
     *
     * @param rows as {@link io.hindcast.table.parquet.PartWriter#write} takes them, of a table without an {@code episode_id}
     * @throws UserException if the directory cannot be written, or another writer was faster
     * @throws IllegalArgumentException if a row does not fit the table's schema
     */
    public void beside(TableName other, Request request, List<@Nullable Object[]> rows) {
        beside(writer.draft(other, 0, rows), request, null);
    }

    /**
     * Puts {@code frame} in place, which belongs to the version.
     *
     * @throws UserException if the directory cannot be written, another writer was faster, or a task of the frame threw one
     * @throws IllegalArgumentException if the frame does not fit the table's schema
     */
    public TableVersion beside(TableName other, Request request, Dataset<Row> frame) {
        requireNumber();
        var version = writer.publish(other, warehouse.nextNumber(other), request, frame, together);
        beside.add(version);
        return version;
    }

    /** Before the first that belongs to it. */
    private void requireNumber() {
        if (beside.isEmpty()) {
            if (warehouse.numbered(table, number).isPresent()) {
                throw warehouse.overtaken(table, number);
            }
            leftovers.removeBeside(table);
        }
    }

    /**
     * Puts what tasks wrote aside in place, under the next number that is free.
     *
     * @param episodes distinct episodes, null for a table without an {@code episode_id}
     * @throws UserException if the directory cannot be written, or another writer was faster
     */
    public void beside(Draft draft, Request request, @Nullable Long episodes) {
        try {
            requireNumber();
            for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
                var next = draft.numbered(warehouse.nextNumber(draft.table()));
                var version = writer.put(next, request, episodes, together);
                if (version.isPresent()) {
                    beside.add(version.get());
                    return;
                }
            }
            throw warehouse.overtaken(draft.table(), warehouse.nextNumber(draft.table()));
        } finally {
            writer.discard(draft.directory());
        }
    }

    /**
     * Publishes what tasks wrote aside, and with it all that was put beside it.
     *
     * @param episodes distinct episodes, null for a table without an {@code episode_id}
     * @throws UserException if the directory cannot be written, or another writer was faster
     */
    public TableVersion publish(Draft draft, Request request, @Nullable Long episodes) {
        try {
            var version = writer.put(draft.numbered(number), request, episodes, beside.isEmpty() ? null : together)
                    .orElseThrow(() -> warehouse.overtaken(table, number));
            leftovers.removeBeside(table);
            return version;
        } finally {
            writer.discard(draft.directory());
        }
    }

    /**
     * Publishes a few rows without a Spark job, whose start alone takes longer.
     *
     * @param rows as {@link io.hindcast.table.parquet.PartWriter#write} takes them, of a table without an {@code episode_id}
     * @throws UserException if the directory cannot be written, or another writer was faster
     * @throws IllegalArgumentException if a row does not fit the table's schema
     */
    public TableVersion publish(Request request, List<@Nullable Object[]> rows) {
        return publish(request, rows, Findings.NONE);
    }

    /** The same, with what is to be told of it beside its rows. */
    public TableVersion publish(Request request, List<@Nullable Object[]> rows, Findings findings) {
        return publish(writer.draft(table, number, rows).with(findings), request, null);
    }

    /**
     * The same of rows that come one by one.
     *
     * @param episodes distinct episodes, null for a table without an {@code episode_id}
     */
    public TableVersion publish(Request request, Iterable<@Nullable Object[]> rows, @Nullable Long episodes) {
        return publish(writer.draft(table, number, rows), request, episodes);
    }

    /**
     * Publishes {@code frame} as the next version, in one file that one task writes; columns that are vectors cannot be written
     * so.
     *
     * @param episodes distinct episodes, null for a table without an {@code episode_id}
     * @throws UserException if the directory cannot be written, another writer was faster, or the task threw one
     * @throws IllegalArgumentException if the frame does not fit the table's schema
     */
    public TableVersion publishInOneFile(Request request, Dataset<Row> frame, @Nullable Long episodes) {
        return publish(writer.draftInOneFile(table, number, frame), request, episodes);
    }

    /**
     * Publishes {@code frame}, and with it all that was put beside it.
     *
     * @throws UserException if the directory cannot be written, another writer was faster, or a task of the frame threw one
     * @throws IllegalArgumentException if the frame does not fit the table's schema
     */
    public TableVersion publish(Request request, Dataset<Row> frame) {
        var version = writer.publish(table, number, request, frame, beside.isEmpty() ? null : together);
        if (!beside.isEmpty()) {
            leftovers.removeBeside(table);
        }
        return version;
    }

    /** Removes what was put beside a version that did not get there. */
    @Override
    public void close() {
        if (beside.isEmpty()) {
            return;
        }
        var last = warehouse.numbered(table, number);
        if (last.isEmpty() || !together.equals(last.get().manifest().publication())) {
            beside.forEach(version -> writer.remove(version.table(), version.number()));
        }
    }
}
