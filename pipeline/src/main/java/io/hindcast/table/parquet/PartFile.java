package io.hindcast.table.parquet;

import io.hindcast.config.Sha256;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A Parquet file that a task wrote aside and read back, to be published as part of a version.
 *
 * @param name its name in the directory it was written to
 * @param bytes its length
 * @param sha256 of the bytes that were read back, in hex
 * @param rows how many rows it holds
 * @param fingerprint of these rows, see {@code data-schema/README.md}
 */
public record PartFile(String name, long bytes, String sha256, long rows, String fingerprint) implements Serializable {
    private static final int BUFFER = 1 << 18;

    /** The SHA-256 of a file in hex. */
    public static String sha256(FileSystem system, Path path) throws IOException {
        try (var in = system.open(path, BUFFER)) {
            return new Sha256().add(in).hex();
        }
    }
}
