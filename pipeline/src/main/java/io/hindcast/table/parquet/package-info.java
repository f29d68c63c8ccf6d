/** Parquet files by columns, past Spark SQL: pages, levels, compression, and the fingerprint of their rows. */
@NullMarked
package io.hindcast.table.parquet;

import org.jspecify.annotations.NullMarked;
