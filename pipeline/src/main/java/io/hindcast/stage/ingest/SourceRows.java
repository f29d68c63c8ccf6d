package io.hindcast.stage.ingest;

import io.hindcast.config.UserException;
import io.hindcast.stage.LakeTable;
import io.hindcast.stage.SparkSource;
import io.hindcast.stage.SparkSourceConfig;
import io.hindcast.stage.StageContext;
import io.hindcast.table.Input;
import io.hindcast.table.Input.Pinned;
import io.hindcast.table.Input.Watermark;
import io.hindcast.table.SeenVersion;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a source that Spark reads are taken: the same ones as often as they are read, if the source keeps versions or has a
 * watermark.
 *
 * @param pinned the version of the table that is read; null: it keeps none
 * @param increment those of them that a watermark chooses; null: all
 * @param loaded them; null: none are new
 * @param nothing why none are new; null: there are some
 * @param seen what to note of that; null: nothing
 */
record SourceRows(
        @Nullable Pinned pinned,
        @Nullable Increment increment,
        @Nullable Supplier<Dataset<Row>> loaded,
        @Nullable String nothing,
        @Nullable SeenVersion seen) {
    /**
     * Looks what is there.
     *
     * @param base the version to append to; empty: all rows are wanted
     * @throws UserException if the source cannot be read, or what is new in it cannot be told
     */
    static SourceRows of(StageContext context, IngestConfig config, Optional<TableVersion> base) {
        var source = Objects.requireNonNull(config.spark());
        Consumer<String> note = line -> context.progress().say("[ingest] " + line);
        var isNeeded = config.append() && config.watermark() == null;
        var table = LakeTable.of(context.spark(), source, config.input(), isNeeded, note);
        var pinned = table.flatMap(versions -> versions.version(isNeeded, note)).orElse(null);
        Supplier<Dataset<Row>> all = pinned == null
                ? () -> SparkSource.load(context.spark(), source, config.input())
                : () -> table.get().at(pinned);
        if (config.watermark() != null) {
            var name = SparkSource.name(source, config.input());
            var increment = Increment.of(all.get(), config.watermark(), name, base);
            return new SourceRows(
                    pinned,
                    increment,
                    () -> increment.of(all.get()),
                    increment.rows() > 0
                            ? null
                            : "no row is above the watermark " + increment.upTo() + " of " + base.orElseThrow(),
                    null);
        }
        if (isNeeded && pinned == null) {
            throw new UserException(
                    "Cannot append with format = spark: files are known by their hash when they come again,"
                            + " and such a source has none; name a column that grows as watermark, from the first time on, or read"
                            + " a table of Delta or Iceberg");
        }
        return pinned == null || base.isEmpty()
                ? new SourceRows(pinned, null, all, null, null)
                : since(context.warehouse(), source, table.get(), pinned, base.get(), note);
    }

    private static SourceRows since(
            Warehouse warehouse,
            SparkSourceConfig source,
            LakeTable table,
            Pinned now,
            TableVersion base,
            Consumer<String> note) {
        var last = last(base, now);
        if (!table.isThatOf(last)) {
            throw new UserException("Cannot append to " + base + ": version " + last.version()
                    + " of the table is another one than was read (it was put back to an earlier one, and went on from there);"
                    + " ingest it into another --out");
        }
        if (last.version().equals(now.version())) {
            return new SourceRows(now, null, null, base + " has version " + now.version() + " already", null);
        }
        var isNewest = source.version() == null;
        var seen = isNewest
                ? SeenVersion.find(warehouse, base, now, note)
                        .filter(noted -> table.isStill(noted.version(), noted.commit()))
                        .map(SeenVersion::version)
                : Optional.<String>empty();
        var range = new Pinned(now.format(), now.table(), last.version(), now.version(), now.commit());
        var rows = seen.filter(now.version()::equals).isPresent()
                ? Optional.<Supplier<Dataset<Row>>>empty()
                : table.since(range, seen.orElse(null));
        return rows.map(some -> new SourceRows(range, null, some, null, null))
                .orElseGet(() -> new SourceRows(
                        range,
                        null,
                        null,
                        "no row came after version " + last.version() + " of " + base,
                        isNewest
                                ? table.commit(now.version())
                                        .map(commit -> SeenVersion.of(base, now, commit))
                                        .orElse(null)
                                : null));
    }

    /** The version up to which all rows were taken: the one after which none was read. */
    private static Pinned last(TableVersion base, Pinned now) {
        var pins = base.manifest().inputs().stream().map(Input::pinned).toList();
        var passed = pins.stream()
                .filter(Objects::nonNull)
                .map(Pinned::after)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        var last = pins.stream()
                .filter(Objects::nonNull)
                .filter(pin -> !passed.contains(pin.version()))
                .findFirst();
        if (last.isEmpty() || pins.stream().anyMatch(Objects::isNull)) {
            throw new UserException(
                    "Cannot append to " + base + ": it was ingested without a note of the table's version,"
                            + " so that its rows cannot be told from new ones; ingest all of it into another --out");
        }
        if (!last.get().format().equals(now.format())
                || !Objects.equals(last.get().table(), now.table())) {
            throw new UserException("Cannot append to " + base + ": it came from another table (" + said(last.get())
                    + ") than is there now (" + said(now) + "); ingest this one into another --out");
        }
        return last.get();
    }

    private static String said(Pinned pinned) {
        return pinned.format() + (pinned.table() == null ? "" : " " + pinned.table());
    }

    /** A frame of them, anew each time. */
    Dataset<Row> frame() {
        return Objects.requireNonNull(loaded).get();
    }

    /** What is told of rows that will never be taken; null: nothing. */
    @Nullable String problem() {
        return increment == null ? null : increment.problem();
    }

    /** What the manifest notes of a watermark; null: there is none. */
    @Nullable Watermark watermark() {
        return increment == null ? null : increment.watermark();
    }

    /** Whether every reading finds the same rows, in whatever parts. */
    boolean areFixed() {
        return increment != null || pinned != null;
    }
}
