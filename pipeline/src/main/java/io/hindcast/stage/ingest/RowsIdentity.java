package io.hindcast.stage.ingest;

import io.hindcast.table.Input;
import io.hindcast.timeline.LoggedRow;
import io.hindcast.timeline.LoggedRowBytes;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;

/**
 * The identity of rows that come from no file: the sums, modulo 2^64, of two differently salted hashes of every row, in
 * any order.
 */
record RowsIdentity(long bytes, long first, long second) implements Serializable {
    static RowsIdentity of(JavaRDD<LoggedRow> rows) {
        return rows.aggregate(new RowsIdentity(0, 0, 0), RowsIdentity::plus, RowsIdentity::plus);
    }

    /** In place of a file's length and hash. */
    Input input(String name, SourceRows source) {
        return new Input(
                name, bytes, String.format("%016x%016x", first, second), null, source.watermark(), source.pinned());
    }

    private RowsIdentity plus(RowsIdentity other) {
        return new RowsIdentity(bytes + other.bytes, first + other.first, second + other.second);
    }

    private RowsIdentity plus(LoggedRow row) {
        var content = LoggedRowBytes.of(row, row.episode());
        var episode = String.valueOf(row.episode()).getBytes(StandardCharsets.UTF_8);
        return new RowsIdentity(
                bytes + content.length,
                first + hash(content, hash(episode, 1)),
                second + hash(content, hash(episode, 2)));
    }

    private static long hash(byte[] bytes, long salt) {
        return XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, salt);
    }
}
