package io.hindcast.stage;

import io.hindcast.config.Secret;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A source that Spark reads. It has no files, and what it is known by is a hash of its rows.
 */
public record SparkSourceConfig(
        @Setting(
                value = "null",
                meaning = "name of the data source, for example delta, iceberg or jdbc, whose jar Spark must have"
                        + " (--spark spark.jars.packages=…); null: read spark.table")
        @Nullable String format,

        @Setting(
                value = "{}",
                meaning = "options of the source; since they may hold secrets they are shown as *** and never"
                        + " written into a table")
        Map<String, Secret> options,

        @Setting(value = "null", meaning = "a table of Spark's catalog, for example db.log; null: load spark.format")
        @Nullable String table,

        @Setting(
                value = "null",
                meaning =
                        "delta and iceberg, tables of the catalog too: the version to read, Delta's number or the id of"
                                + " Iceberg's snapshot; null: the newest when the job begins. The manifest notes it")
        @Nullable String version) {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

    /** @throws UserException if not exactly one of format and table is given, or the version is no number */
    public SparkSourceConfig {
        if (version != null && !NUMBER.matcher(version).matches()) {
            throw new UserException("Cannot use spark.version = " + version
                    + ": it must be the number of a version of Delta, or the id of a snapshot of Iceberg; branches, tags and"
                    + " times are asked for by options of the source");
        }
        if ((format == null) == (table == null)) {
            throw new UserException("Cannot use spark.format = " + format + " with spark.table = " + table
                    + ": exactly one of them must be given");
        }
    }
}
