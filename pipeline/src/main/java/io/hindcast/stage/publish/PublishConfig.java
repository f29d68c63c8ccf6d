package io.hindcast.stage.publish;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.table.TableName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which tables are copied, and to where. */
public record PublishConfig(
        @Setting(
                value = "null",
                meaning =
                        "the table into which ingest and collect copy the transitions when they are published, a version"
                                + " in one commit; null: none")
        @Nullable Target transitions,

        @Setting(value = "null", meaning = "the same for judge and its estimates") @Nullable Target estimates,

        @Setting(value = "null", meaning = "the same for predict and its predictions") @Nullable Target predictions) {

    /** What keeps versions, and replaces all its rows in one commit. */
    public enum TableFormat {
        DELTA,
        ICEBERG
    }

    /** A table that others read. */
    public record Target(
            @Setting(
                    value = "null",
                    meaning =
                            "what the table is made as if it is not there: delta or iceberg, whose jar Spark must have")
            @Nullable TableFormat format,

            @Setting(value = "null", meaning = "a folder that is a table of Delta; null: table names it") @Nullable Address path,

            @Setting(
                    value = "null",
                    meaning = "a table of Spark's catalog, for example lake.db.transitions; null: path names it")
            @Nullable String table) {
        /** @throws UserException if not exactly one place is given, or a folder of another format */
        public Target {
            if ((path == null) == (table == null)) {
                throw new UserException("Cannot publish to path = " + path + " with table = " + table
                        + ": exactly one of them must be given");
            }
            if (path != null && format != TableFormat.DELTA) {
                throw new UserException("Cannot publish to path = " + path
                        + ": only a table of Delta is named by its folder; use format = delta, or give table in place of"
                        + " path");
            }
        }

        @Override
        public String toString() {
            return table != null ? table : String.valueOf(path);
        }
    }

    /** Where a table goes. */
    public Optional<Target> target(TableName table) {
        return Optional.ofNullable(
                switch (table) {
                    case TRANSITIONS -> transitions;
                    case ESTIMATES -> estimates;
                    case PREDICTIONS -> predictions;
                    default -> null;
                });
    }
}
