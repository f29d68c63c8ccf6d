package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.table.Input.Pinned;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A table of Iceberg: each snapshot of its branch main names the one before it, and what it did. Columns are renamed, added and dropped
 * without a snapshot, so that the newest one is read with the table's columns, and one that is asked for with its own.
 */
final class IcebergTable implements LakeTable {
    /** What leaves the rows that were there as they were; replace: files were written again with the same rows. */
    private static final Set<String> KEEPING = Set.of("append", "replace");

    private final Named named;
    /** Null until rows are read: from then on they stay, whatever becomes of the table. */
    private @Nullable IcebergColumns columns;

    IcebergTable(Named named) {
        this.named = named;
    }

    @Override
    public Named named() {
        return named;
    }

    @Override
    public Pinned version() {
        var asked = named.source().version();
        return asked != null
                ? pinned(asked)
                : named.ask(() -> metadata("refs").where("name = 'main'").collectAsList().stream()
                        .findFirst()
                        .map(row -> pinned(String.valueOf(row.<Long>getAs("snapshot_id"))))
                        .orElseThrow(() -> new UserException(
                                "Cannot ingest " + named.name() + ": it holds no rows; check input")));
    }

    /** Names of snapshots do not come again. */
    @Override
    public Optional<String> commit(String version) {
        return Optional.of(version);
    }

    private static Pinned pinned(String snapshot) {
        return new Pinned("iceberg", null, null, snapshot);
    }

    @Override
    public Dataset<Row> at(Pinned version) {
        var rows = named.load(Map.of("versionAsOf", version.version()));
        return named.source().version() != null
                ? rows
                : named.ask(() -> columns().of(rows, IcebergColumns.of(rows, Optional.of(version.version()))));
    }

    /** Call it within {@link Named#ask}. */
    private IcebergColumns columns() {
        if (columns == null) {
            var asked = Optional.ofNullable(named.source().version());
            var rows = named.load(asked.map(id -> Map.of("versionAsOf", id)).orElse(Map.of()));
            columns = IcebergColumns.of(rows, asked);
        }
        return columns;
    }

    @Override
    public Optional<Supplier<Dataset<Row>>> since(Pinned version, @Nullable String seen) {
        return named.ask(() -> {
            var snapshots = new HashMap<String, Row>();
            metadata("snapshots").collectAsList().forEach(row -> snapshots.put(id(row, "snapshot_id"), row));
            var after = Objects.requireNonNull(version.after());
            var appends = false;
            var at = version.version();
            while (!at.equals(after) && !at.equals(seen)) {
                var snapshot = snapshots.get(at);
                if (snapshot == null) {
                    throw named.refused(version, "it did not come of that one, or snapshots between them have expired");
                }
                var operation = snapshot.<@Nullable String>getAs("operation");
                if (operation == null) {
                    throw named.refused(version, "snapshot " + at + " does not say what it did");
                }
                if (!KEEPING.contains(operation)) {
                    throw named.refused(
                            version, "snapshot " + at + " (" + operation + ") took rows away or wrote them again");
                }
                appends |= operation.equals("append");
                at = id(snapshot, "parent_id");
            }
            var from = at;
            return appends ? named.unlessEmpty(() -> between(from, version)) : Optional.empty();
        });
    }

    /** What came after a snapshot, which Iceberg reads with the columns of now. */
    private Dataset<Row> between(String after, Pinned version) {
        var rows = named.load(Map.of("start-snapshot-id", after, "end-snapshot-id", version.version()));
        return named.ask(() -> {
            var now = IcebergColumns.of(rows, Optional.empty());
            columns().lostIn(now).ifPresent(column -> {
                throw named.refused(version, "its column '" + column + "' was dropped since");
            });
            return columns().of(rows, now);
        });
    }

    private static String id(Row row, String column) {
        return String.valueOf(row.<Long>getAs(column));
    }

    private Dataset<Row> metadata(String name) {
        var table = named.source().table();
        if (table != null) {
            return named.spark().table(table + "." + name);
        }
        var path = named.path();
        return named.spark().read().format("iceberg").load(path + (path.contains("/") ? "#" : ".") + name);
    }
}
