/** Parquet tables: schemas from data-schema/, versions written aside and published in one atomic step. */
@NullMarked
package io.hindcast.table;

import org.jspecify.annotations.NullMarked;
