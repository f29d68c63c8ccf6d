package io.hindcast.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;

/** The identifiers of a dataset's episodes, as 64-bit hashes: eight bytes each, so that every task can have them all. */
public final class EpisodeIds implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final long SEED = 42; // of Spark's xxhash64

    /** Of no dataset. */
    public static final EpisodeIds NONE = new EpisodeIds(new long[0]);

    private final long[] sorted;

    private EpisodeIds(long[] sorted) {
        this.sorted = sorted;
    }

    /** Those of the episodes of a dataset; the transitions themselves are not read. */
    public static EpisodeIds of(Warehouse warehouse, Snapshot snapshot) {
        var hashes = warehouse
                .read(snapshot.require(TableName.EPISODES))
                .select(xxhash64(col("episode_id")))
                .as(Encoders.LONG())
                .collectAsList();
        return new EpisodeIds(
                hashes.stream().mapToLong(Long::longValue).sorted().toArray());
    }

    /** Whether an episode is among them; of 2^64 others, one would be taken for it. */
    public boolean contains(String id) {
        var bytes = id.getBytes(StandardCharsets.UTF_8);
        return sorted.length > 0
                && Arrays.binarySearch(
                                sorted, XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, SEED))
                        >= 0;
    }
}
