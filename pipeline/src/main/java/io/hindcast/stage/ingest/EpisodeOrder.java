package io.hindcast.stage.ingest;

import static org.apache.spark.sql.functions.col;

import io.hindcast.source.RowMapper;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import io.hindcast.timeline.LoggedRow;
import io.hindcast.timeline.LoggedRowBytes;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.stream.Stream;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Brings the rows of an episode together, in order, in one partition. Rows travel as bytes beside the few columns they are
 * sorted by, and as Spark's own rows, so that Spark moves and sorts them without unpacking or converting them.
 */
final class EpisodeOrder {
    private static final StructType ROWS = new StructType()
            .add("key", DataTypes.StringType)
            .add("order", DataTypes.DoubleType)
            .add("fine", DataTypes.BinaryType)
            .add("file", DataTypes.StringType)
            .add("row", DataTypes.LongType)
            .add("bytes", DataTypes.BinaryType);

    private static final double EXACT_WHOLE_NUMBERS = 0x1p53;

    private EpisodeOrder() {}

    /**
     * The rows by episode and order.
     *
     * @param per {@link EpisodePer#COLUMN}: the episode is what the row says; else it is somewhere in the row's file
     * @param scope {@link EpisodeScope#FILE}: an episode's rows are those of one file
     * @param partitions into how many parts
     */
    static JavaRDD<LoggedRow> of(
            SparkSession spark, JavaRDD<LoggedRow> rows, EpisodePer per, @Nullable EpisodeScope scope, int partitions) {
        var byColumn = per == EpisodePer.COLUMN;
        var packed = rows.mapPartitions(part -> packed(part, byColumn)).rdd();
        var classic = (org.apache.spark.sql.classic.SparkSession) spark;
        return classic.internalCreateDataFrame(packed, ROWS, false)
                .repartition(partitions, col("key"))
                .sortWithinPartitions((scope == EpisodeScope.FILE
                                ? Stream.of("key", "file", "order", "fine", "row")
                                : Stream.of("key", "order", "fine", "file", "row"))
                        .map(functions::col)
                        .toArray(Column[]::new))
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(part -> unpacked(part, byColumn));
    }

    private static Iterator<InternalRow> packed(Iterator<LoggedRow> part, boolean byColumn) {
        var files = new TextCache();
        return IteratorUtils.transformedIterator(part, row -> {
            var file = files.bytes(row.file());
            var episode = byColumn && row.episode() != null ? RowMapper.plain(row.episode()) : null;
            return new GenericInternalRow(new @Nullable Object[] {
                byColumn ? UTF8String.fromString(episode) : file,
                byColumn ? row.order() : 0.0,
                byColumn ? fine(row) : null,
                file,
                row.row(),
                LoggedRowBytes.of(row, episode)
            });
        });
    }

    /**
     * The rest of a row's place, as bytes that are ordered as it is. Rows that have one order all have it or all do without: those
     * with a time, and those with a step too large for a double.
     */
    private static byte @Nullable [] fine(LoggedRow row) {
        if (row.time() == null && Math.abs(row.order()) < EXACT_WHOLE_NUMBERS) {
            return null;
        }
        var exact = row.exact();
        return ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(ordered(exact.rest()))
                .putLong(ordered(exact.tie()))
                .putLong(ordered(exact.tieRest()))
                .array();
    }

    /** A number as bits that are ordered, without a sign, as numbers are. */
    private static long ordered(double number) {
        var bits = Double.doubleToLongBits(number + 0.0);
        return bits ^ ((bits >> (Long.SIZE - 1)) | Long.MIN_VALUE);
    }

    private static Iterator<LoggedRow> unpacked(Iterator<InternalRow> part, boolean byColumn) {
        var keys = new TextCache();
        var files = new TextCache();
        return IteratorUtils.transformedIterator(
                part,
                row -> LoggedRowBytes.row(
                        byColumn && !row.isNullAt(0) ? keys.text(row.getUTF8String(0)) : null,
                        files.text(row.getUTF8String(3)),
                        row.getLong(4),
                        row.getBinary(5)));
    }
}
