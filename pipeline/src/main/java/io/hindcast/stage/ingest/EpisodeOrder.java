package io.hindcast.stage.ingest;

import static org.apache.spark.sql.functions.col;

import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import io.hindcast.timeline.LoggedRow;
import io.hindcast.timeline.OrderedRows;
import io.hindcast.timeline.RowBlocks;
import io.hindcast.timeline.RowOrder;
import java.util.BitSet;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;
import org.jspecify.annotations.Nullable;

/**
 * Brings the rows of an episode together, in order, in one partition. Rows travel in blocks of many, which Spark moves but does not
 * look into.
 */
final class EpisodeOrder {
    private static final StructType BLOCKS =
            new StructType().add("to", DataTypes.IntegerType).add("block", DataTypes.BinaryType);

    /** Of Spark's own hash partitioning: a row goes where Spark would send it. */
    private static final int SEED = 42;

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
        var order = new RowOrder(per, scope);
        var to = numbers(partitions);
        var blocks = rows.mapPartitions(part -> IteratorUtils.transformedIterator(
                        new RowBlocks(part, order, EpisodeOrder::hash, partitions), block ->
                                (InternalRow) new GenericInternalRow(new Object[] {to[block.target()], block.bytes()})))
                .rdd();
        var classic = (org.apache.spark.sql.classic.SparkSession) spark;
        return classic.internalCreateDataFrame(blocks, BLOCKS, false)
                .repartition(partitions, col("to"))
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(part -> new OrderedRows(
                        IteratorUtils.transformedIterator(part, row -> row.getBinary(1)),
                        order,
                        new TaskSpace(TaskContext.get())));
    }

    /** For each target a number that Spark, which knows hashes only before 4.1, sends there. */
    static int[] numbers(int targets) {
        var numbers = new int[targets];
        var found = new BitSet(targets);
        for (var number = 0; found.cardinality() < targets; number++) {
            var target = Math.floorMod(Murmur3_x86_32.hashInt(number, SEED), targets);
            if (!found.get(target)) {
                found.set(target);
                numbers[target] = number;
            }
        }
        return numbers;
    }

    private static int hash(byte @Nullable [] key) {
        return key == null ? SEED : Murmur3_x86_32.hashUnsafeBytes(key, Platform.BYTE_ARRAY_OFFSET, key.length, SEED);
    }
}
