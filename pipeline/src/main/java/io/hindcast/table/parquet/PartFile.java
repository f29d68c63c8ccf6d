package io.hindcast.table.parquet;

import java.io.Serializable;

/**
 * A Parquet file that a task wrote aside and read back, to be published as part of a version.
 *
 * @param name its name in the directory it was written to
 * @param bytes its length
 * @param sha256 of the bytes that were read back, in hex
 * @param rows how many rows it holds
 * @param fingerprint of these rows, see {@code data-schema/README.md}
 */
public record PartFile(String name, long bytes, String sha256, long rows, String fingerprint) implements Serializable {}
