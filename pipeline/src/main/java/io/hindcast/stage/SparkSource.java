package io.hindcast.stage;

import io.hindcast.config.Address;
import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import io.hindcast.source.Format;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.lang3.EnumUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** How frames are loaded that Spark reads. */
public final class SparkSource {
    private static final int MOST_OF_A_MESSAGE = 1_000;

    /** What DESCRIBE writes between a table's columns and what else it knows. */
    private static final String DETAILS = "# Detailed Table Information";

    /** What Spark says of a table that is not there. */
    private static final Set<String> NOT_THERE = Set.of("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND");

    private SparkSource() {}

    /** A session of its own for settings of its own: the names of columns are taken as they are written. */
    public static SparkSession session(SparkSession spark) {
        var session = clone(spark);
        tellLettersApart(session);
        return session;
    }

    private static SparkSession clone(SparkSession spark) {
        return ((org.apache.spark.sql.classic.SparkSession) spark).cloneSession();
    }

    private static void tellLettersApart(SparkSession session) {
        session.conf().set("spark.sql.caseSensitive", "true");
    }

    /**
     * The name of a source that is not files.
     *
     * @param input the paths to load, if it has paths
     */
    public static String name(SparkSourceConfig source, List<Address> input) {
        return source.table() != null
                ? source.table()
                : input.isEmpty()
                        ? Objects.requireNonNull(source.format())
                        : new Path(Place.of(input.get(0).toString())).getName();
    }

    /**
     * The frame of a source that Spark knows, in a session of its own as {@link #session}.
     *
     * @throws UserException if Spark cannot read it
     */
    public static Dataset<Row> load(SparkSession spark, SparkSourceConfig source, List<Address> input) {
        return load(spark, source, input, Map.of());
    }

    /** The same with options besides those of the source. */
    static Dataset<Row> load(
            SparkSession spark, SparkSourceConfig source, List<Address> input, Map<String, String> further) {
        // Catalogues may keep the names of tables in small letters: these are found as the user's session finds them.
        var session = source.table() != null ? clone(spark) : session(spark);
        try {
            var reader = session.read();
            source.options().forEach((key, value) -> reader.option(key, value.reveal()));
            further.forEach(reader::option);
            var frame = source.table() != null
                    ? reader.table(source.table())
                    : reader.format(Objects.requireNonNull(source.format()))
                            .load(input.stream().map(Address::reveal).toArray(String[]::new));
            tellLettersApart(session);
            return frame;
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            throw unreadable(source, input, e);
        }
    }

    /** What Spark says of a failure, in one line that is not too long. */
    public static String message(Throwable e) {
        return StringUtils.abbreviate(StringUtils.normalizeSpace(ExceptionUtils.getMessage(e)), MOST_OF_A_MESSAGE);
    }

    /** What is told if Spark cannot read it. */
    private static UserException unreadable(SparkSourceConfig source, List<Address> input, Exception e) {
        var format = source.format();
        var own = format == null ? null : EnumUtils.getEnumIgnoreCase(Format.class, format);
        return new UserException(
                "Cannot read " + name(source, input) + ": " + message(e)
                        + (own != null && own != Format.SPARK
                                ? "; hindcast reads such files itself, whose types may differ: format = " + format
                                : "; check input and the section spark, and that Spark has the source's jar (--spark"
                                        + " spark.jars.packages=GROUP:NAME:VERSION)"),
                e);
    }

    /**
     * What the catalogue says that a table is, in small letters: {@code delta}; empty of views, of what it does not say, and if there is
     * no such table.
     *
     * @throws UserException if it cannot be asked
     */
    public static Optional<String> provider(SparkSession spark, String table) {
        try {
            return spark.sql("DESCRIBE TABLE EXTENDED " + table).collectAsList().stream()
                    .dropWhile(row -> !DETAILS.equals(row.getString(0))) // columns, whatever they are called
                    .filter(row -> "Provider".equals(row.getString(0)))
                    .map(row -> row.getString(1).toLowerCase(Locale.ROOT))
                    .findFirst();
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            if (e instanceof AnalysisException refused && NOT_THERE.contains(String.valueOf(refused.getCondition()))) {
                return Optional.empty();
            }
            throw new UserException(
                    "Cannot ask what " + table + " is: "
                            + said(
                                    e,
                                    "check its name and the settings of its catalogue (--spark"
                                            + " spark.sql.catalog.NAME=…)"),
                    e);
        }
    }

    /** What went wrong, and what can be done: of disks, rights and networks in plain words. */
    static String said(Exception e, String otherwise) {
        return Outside.of(e)
                .map(known -> known.reason() + "; " + known.cure())
                .orElseGet(() -> message(e) + "; " + otherwise);
    }

    /** A column by its path, a name a level. */
    public static Column select(List<String> path) {
        var column = functions.col("`" + path.get(0).replace("`", "``") + "`");
        for (var field : path.subList(1, path.size())) {
            column = column.getField(field);
        }
        return column;
    }
}
