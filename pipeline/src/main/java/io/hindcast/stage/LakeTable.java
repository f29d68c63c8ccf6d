package io.hindcast.stage;

import io.hindcast.config.Address;
import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import io.hindcast.table.Input.Pinned;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A table that keeps its versions: one of them is read, however often and whatever is written meanwhile, and later only what came
 * since. Nothing is compiled against its format: Spark's own readers do all reading.
 */
public sealed interface LakeTable permits DeltaTable, IcebergTable {
    /** Options by which a user chooses what is read; the sources' readers know them, and nothing is added. */
    Set<String> CHOOSING = Set.of(
            "versionasof",
            "timestampasof",
            "readchangefeed",
            "readchangedata",
            "snapshot-id",
            "as-of-timestamp",
            "branch",
            "tag",
            "start-snapshot-id",
            "end-snapshot-id",
            "start-timestamp",
            "end-timestamp");

    /**
     * The table that a source names; empty if it keeps no versions, or the source's own options choose what is read. If it can be read, but
     * the catalogue does not say what it is, a line says so, unless its version is needed or asked for.
     *
     * @param isNeeded whether nothing can be done without it
     * @throws UserException if it cannot be read, or {@code spark.version} is given of what has none
     */
    static Optional<LakeTable> of(
            SparkSession spark,
            SparkSourceConfig source,
            List<Address> input,
            boolean isNeeded,
            Consumer<String> note) {
        var chooses = source.options().keySet().stream()
                .anyMatch(option -> CHOOSING.contains(option.toLowerCase(Locale.ROOT)));
        var table = chooses ? Optional.<LakeTable>empty() : table(new Named(spark, source, input), isNeeded, note);
        if (table.isEmpty() && source.version() != null) {
            throw new UserException("Cannot read version " + source.version() + " of " + SparkSource.name(source, input)
                    + (chooses
                            ? ": spark.options choose what is read; remove one of the two"
                            : ": only tables of Delta and Iceberg keep versions; remove spark.version"));
        }
        return table;
    }

    private static Optional<LakeTable> table(Named named, boolean isNeeded, Consumer<String> note) {
        String format;
        try {
            format = named.format();
        } catch (UserException e) {
            if (isNeeded || named.source().version() != null) {
                throw e;
            }
            named.readAsItIs(e, note);
            return Optional.empty();
        }
        return "delta".equals(format)
                ? Optional.of(new DeltaTable(named))
                : "iceberg".equals(format) ? Optional.of(new IcebergTable(named)) : Optional.empty();
    }

    /**
     * The version to read: the one that is asked for, else the newest of this moment.
     *
     * @throws UserException if there is none
     */
    Pinned version();

    /**
     * The same; empty, and a line says why, if the rows can be read but not their version, and nobody needs it.
     *
     * @param isNeeded whether it must be known, even if {@code spark.version} asks for none
     * @throws UserException if there is none, or it is needed and cannot be told
     */
    default Optional<Pinned> version(boolean isNeeded, Consumer<String> note) {
        try {
            return Optional.of(version());
        } catch (UserException e) {
            if (isNeeded
                    || named().source().version() != null
                    || e.getCause() == null) { // without: it is our own refusal
                throw e;
            }
            named().readAsItIs(e, note);
            return Optional.empty();
        }
    }

    /**
     * What tells a version from another one of the same name, of a table that was put back; empty if the table's history has none of that name,
     * or does not tell.
     */
    Optional<String> commit(String version);

    /** Whether a version is still the one that {@link #commit} told, as far as the table's history says. */
    default boolean isStill(String version, String commit) {
        return commit(version).filter(commit::equals).isPresent();
    }

    /** Whether a version is still the one that was read, of a table that may have been put back since; ids of Iceberg's tell by themselves. */
    default boolean isThatOf(Pinned read) {
        return true;
    }

    /** Which table it is. */
    Named named();

    /** All rows of a version; what a column that came later had in earlier rows is null. */
    Dataset<Row> at(Pinned version);

    /**
     * The rows that came after {@link Pinned#after}, up to the version, to be loaded as often as wanted; empty if none came.
     *
     * @param seen a version between, up to which none came; null: none is known
     * @throws UserException if a version between them took rows away or wrote them again, or it is not known
     */
    Optional<Supplier<Dataset<Row>>> since(Pinned version, @Nullable String seen);

    /** A source by its name. */
    record Named(SparkSession spark, SparkSourceConfig source, List<Address> input) {
        /** What messages call it. */
        String name() {
            return SparkSource.name(source, input);
        }

        /** The format of a table of a catalogue is the catalogue's to tell; null: it tells none. */
        private @Nullable String format() {
            var table = source.table();
            return table == null
                    ? StringUtils.lowerCase(source.format(), Locale.ROOT)
                    : SparkSource.provider(spark, table).orElse(null);
        }

        /** The folder or name that is loaded. Call it within {@link #ask}. */
        String path() {
            if (input.isEmpty()) {
                throw new IllegalStateException("input names no table");
            }
            return Place.of(input.get(0).reveal());
        }

        Dataset<Row> load(Map<String, String> options) {
            return SparkSource.load(spark, source, input, options);
        }

        private void readAsItIs(UserException why, Consumer<String> note) {
            load(Map.of()); // tells what is wrong if it cannot be read at all
            note.accept(why.getMessage() + ". It is read as it is now, and no version is noted");
        }

        /** The rows, if there are any: a commit may bring files without rows. Call it within {@link #ask}. */
        Optional<Supplier<Dataset<Row>>> unlessEmpty(Supplier<Dataset<Row>> rows) {
            return reading(() -> rows.get().isEmpty()) ? Optional.empty() : Optional.of(rows);
        }

        /** What opens the table's files, which may have gone: that is no fault of Spark's settings. */
        <T> T reading(Supplier<T> rows) {
            return ReadFailure.inOneLine("read " + name(), rows);
        }

        /** @throws UserException if Spark cannot tell */
        <T> T ask(Supplier<T> question) {
            try {
                return question.get();
            } catch (Exception e) { // Spark throws checked exceptions that it does not declare
                var cause = ExceptionUtils.throwableOfType(e, UserException.class);
                if (cause != null) {
                    throw cause;
                }
                load(Map.of()); // tells what is wrong if it cannot be read at all
                throw new UserException(
                        "Cannot find the version of " + name() + ": "
                                + SparkSource.said(
                                        e,
                                        "Spark needs the extensions of its format (--spark spark.sql.extensions=…) and,"
                                                + " for Delta, its catalog (--spark spark.sql.catalog.spark_catalog=…)"),
                        e);
            }
        }

        /** What cannot be appended from it. */
        UserException refused(Pinned version, String reason) {
            return new UserException("Cannot append version " + version.version() + " of " + name()
                    + " to what came from version " + version.after() + ": " + reason
                    + "; ingest all of it into another --out, without append");
        }
    }
}
