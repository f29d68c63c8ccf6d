package io.hindcast.stage;

import static org.apache.spark.sql.functions.col;

import io.hindcast.source.EpisodeRules.EpisodePer;
import io.hindcast.source.LoggedRow;
import io.hindcast.source.LoggedRowBytes;
import java.util.Iterator;
import java.util.Objects;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Brings the rows of an episode together, in order, in one partition. Rows travel as bytes beside the few columns they are
 * sorted by, so that Spark moves and sorts them without unpacking them.
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
        return spark.createDataFrame(rows.map(row -> packed(row, byColumn)), ROWS)
                .repartition(partitions, col("key"))
                .sortWithinPartitions("key", "order", "file", "row")
                .javaRDD()
                .mapPartitions(part -> unpacked(part, byColumn));
    }

    private static Row packed(LoggedRow row, boolean byColumn) {
        return RowFactory.create(
                byColumn ? row.episode() : row.file(),
                byColumn ? row.order() : 0.0,
                row.file(),
                row.row(),
                LoggedRowBytes.of(row));
    }

    private static Iterator<LoggedRow> unpacked(Iterator<Row> part, boolean byColumn) {
        return IteratorUtils.transformedIterator(part, row -> {
            @Nullable String key = row.getString(0);
            return LoggedRowBytes.row(
                    byColumn ? key : null,
                    Objects.requireNonNull(row.getString(2)),
                    row.getLong(3),
                    row.<byte[]>getAs(4));
        });
    }
}
