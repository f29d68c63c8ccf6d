package io.hindcast.stage;

import static org.apache.spark.sql.functions.col;

import io.hindcast.source.EpisodeRules.EpisodePer;
import io.hindcast.source.LoggedRow;
import io.hindcast.source.LoggedRowBytes;
import java.util.Iterator;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
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
            .add("file", DataTypes.StringType)
            .add("row", DataTypes.LongType)
            .add("bytes", DataTypes.BinaryType);

    private EpisodeOrder() {}

    /**
     * The rows by episode and order.
     *
     * @param per {@link EpisodePer#COLUMN}: the episode is what the row says; else it is somewhere in the row's file
     * @param partitions into how many parts
     */
    static JavaRDD<LoggedRow> of(SparkSession spark, JavaRDD<LoggedRow> rows, EpisodePer per, int partitions) {
        var byColumn = per == EpisodePer.COLUMN;
        var packed = rows.mapPartitions(part -> packed(part, byColumn)).rdd();
        var classic = (org.apache.spark.sql.classic.SparkSession) spark;
        return classic.internalCreateDataFrame(packed, ROWS, false)
                .repartition(partitions, col("key"))
                .sortWithinPartitions("key", "order", "file", "row")
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(part -> unpacked(part, byColumn));
    }

    private static Iterator<InternalRow> packed(Iterator<LoggedRow> part, boolean byColumn) {
        var files = new Name();
        return IteratorUtils.transformedIterator(part, row -> {
            var file = files.bytes(row.file());
            return new GenericInternalRow(new @Nullable Object[] {
                byColumn ? UTF8String.fromString(row.episode()) : file,
                byColumn ? row.order() : 0.0,
                file,
                row.row(),
                LoggedRowBytes.of(row)
            });
        });
    }

    private static Iterator<LoggedRow> unpacked(Iterator<InternalRow> part, boolean byColumn) {
        var keys = new Name();
        var files = new Name();
        return IteratorUtils.transformedIterator(
                part,
                row -> LoggedRowBytes.row(
                        byColumn && !row.isNullAt(0) ? keys.text(row.getUTF8String(0)) : null,
                        files.text(row.getUTF8String(2)),
                        row.getLong(3),
                        row.getBinary(4)));
    }
}
