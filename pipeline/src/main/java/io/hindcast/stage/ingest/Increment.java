package io.hindcast.stage.ingest;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.hex;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.hindcast.config.UserException;
import io.hindcast.stage.FrameSchema;
import io.hindcast.stage.SparkSource;
import io.hindcast.table.Input.Watermark;
import io.hindcast.table.TableVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a source that came since a dataset was last appended to: those above its watermark. They are bounded above, too, since a
 * source that grows is read several times.
 *
 * @param column the path of the watermark's column
 * @param type its type
 * @param after the watermark so far, as {@link Watermark#value}; null: there is none
 * @param upTo the greatest value there is
 * @param rows how many rows are above the one and not above the other
 * @param before how many rows of the source were taken before
 * @param late how many more rows are not above the watermark so far than were taken; below 0: fewer
 */
record Increment(
        List<String> column, DataType type, @Nullable String after, String upTo, long rows, long before, long late) {
    /** More than any two time zones are apart. */
    private static final Column ANY_ZONE = functions.expr("INTERVAL '2' DAY");

    /**
     * Looks what is there.
     *
     * @param frame the source
     * @param name of the source, for messages
     * @throws UserException if there is no such column, its type has no order that lasts, a row has no value in it, or {@code base} was
     *     ingested without a watermark
     */
    static Increment of(Dataset<Row> frame, String watermark, String name, Optional<TableVersion> base) {
        var found = FrameSchema.mapped(frame.schema(), List.of(watermark), name).get(0);
        var type = found.type();
        var column = SparkSource.select(found.path());
        requireOrder(type, watermark, name);
        var last = base.map(Increment::last);
        last.ifPresent(mark -> requireSame(mark, found.path(), type, base.get()));
        var isOld = last.map(mark -> isUpTo(column, mark.value(), type)).orElse(lit(false));
        var seen = frame.agg(
                        count(lit(1)),
                        count(column),
                        count(when(isOld, 1)),
                        max(ordered(column, type)).cast("string"))
                .first();
        if (seen.getLong(0) > seen.getLong(1)) {
            throw new UserException("Cannot ingest " + name + ": " + (seen.getLong(0) - seen.getLong(1))
                    + " rows have no value in the watermark's column '" + watermark + "'; leave them out, or give one");
        }
        if (seen.getLong(0) == 0) {
            throw new UserException("Cannot ingest " + name + ": it holds no rows; check input");
        }
        var after = last.map(Watermark::value).orElse(null);
        var before = last.map(Watermark::rows).orElse(0L);
        var rows = seen.getLong(0) - seen.getLong(2);
        return new Increment(
                found.path(),
                type,
                after,
                rows == 0 && after != null ? after : text(seen.getString(3), type),
                rows,
                before,
                seen.getLong(2) - before);
    }

    /** Its rows. */
    Dataset<Row> of(Dataset<Row> frame) {
        var column = SparkSource.select(this.column);
        var known = frame.where(isUpTo(column, upTo, type));
        if (after == null) {
            return known;
        }
        var fresh = known.where(not(isUpTo(column, after, type)));
        return type.equals(DataTypes.TimestampType) || type.equals(DataTypes.TimestampNTZType)
                ? fresh.where(column.geq(value(after, type).minus(ANY_ZONE))) // which a source may decide
                : fresh;
    }

    /**
     * Whether a value is not above {@code mark}. What Spark hands to a source to decide it does not look at again, and the source may see it
     * otherwise than Spark, which found the mark.
     */
    private static Column isUpTo(Column column, String mark, DataType type) {
        return ordered(column, type).leq(ordered(value(mark, type), type));
    }

    /**
     * What is compared, so that it is not handed to a database: of texts the bytes, since it would take the order of some language; of times
     * what Spark's clock shows, since its own may be finer, and in the time zone of the connection; of fractions likewise, since it may have
     * more digits.
     */
    private static Column ordered(Column column, DataType type) {
        if (type.equals(DataTypes.TimestampType)) {
            return functions.unix_micros(column);
        }
        if (type instanceof StringType) {
            return hex(column);
        }
        var isCut =
                type.equals(DataTypes.TimestampNTZType) || (type instanceof DecimalType decimal && decimal.scale() > 0);
        return isCut ? functions.greatest(column, column) : column; // the same, in a guise that stays with Spark
    }

    /** What the manifest notes. */
    Watermark watermark() {
        return new Watermark(String.join(".", column), type.simpleString(), upTo, before + rows);
    }

    /** What is told of rows that will never be above the watermark; null: nothing. */
    @Nullable String problem() {
        if (late == 0) {
            return null;
        }
        // Only their sum is known: as many late rows as rows that went are not told.
        return late > 0
                ? late + " rows came late: their " + String.join(".", column) + " is not above " + after
                        + ", up to which all rows were taken; they are left out"
                : -late + " rows that were taken are no longer in the source; the dataset keeps them";
    }

    private static Watermark last(TableVersion base) {
        var marks = base.manifest().inputs().stream()
                .map(input -> Optional.ofNullable(input.watermark()))
                .toList();
        // Every time takes more rows than the one before, whatever the order of the inputs.
        var last = marks.stream().flatMap(Optional::stream).max(Comparator.comparingLong(Watermark::rows));
        if (last.isEmpty() || marks.stream().anyMatch(Optional::isEmpty)) {
            throw new UserException(
                    "Cannot append to " + base + ": it was ingested without a watermark, so that its rows"
                            + " cannot be told from new ones; ingest all of it into another --out, with watermark");
        }
        return last.get();
    }

    /** Values of another column, or in another order, tell nothing of what was taken. */
    private static void requireSame(Watermark last, List<String> column, DataType type, TableVersion base) {
        var name = String.join(".", column);
        if (!last.column().equals(name) || !last.type().equals(type.simpleString())) {
            throw new UserException("Cannot append to " + base + " by watermark = " + name + " (" + type.simpleString()
                    + "): its rows were taken up to " + last.value() + " of column '" + last.column() + "' ("
                    + last.type() + "); use that one as it was, or ingest all into another --out");
        }
    }

    private static void requireOrder(DataType type, String watermark, String name) {
        var lasts = type instanceof StringType
                || type instanceof DecimalType
                || List.of(
                                DataTypes.ByteType,
                                DataTypes.ShortType,
                                DataTypes.IntegerType,
                                DataTypes.LongType,
                                DataTypes.DateType,
                                DataTypes.TimestampType,
                                DataTypes.TimestampNTZType)
                        .contains(type);
        if (!lasts) {
            throw new UserException("Cannot use watermark = " + watermark + ": column '" + watermark + "' of " + name
                    + " is of type " + type.simpleString() + "; use one of whole numbers, dates, timestamps or texts");
        }
    }

    /** As the manifest says it: of a point in time not what some time zone's clock shows. */
    private static String text(String value, DataType type) {
        return type.equals(DataTypes.TimestampType)
                ? Instant.EPOCH.plus(Long.parseLong(value), ChronoUnit.MICROS).toString()
                : type instanceof StringType
                        ? new String(HexFormat.of().parseHex(value), StandardCharsets.UTF_8)
                        : value;
    }

    private static Column value(String text, DataType type) {
        return type.equals(DataTypes.TimestampType)
                ? functions.timestamp_micros(lit(micros(Instant.parse(text))))
                : lit(text).cast(type);
    }

    /** Not by ChronoUnit, which counts in nanoseconds on the way: their number is too large from 2262 on. */
    private static long micros(Instant time) {
        return Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), 1_000_000L), TimeUnit.NANOSECONDS.toMicros(time.getNano()));
    }
}
