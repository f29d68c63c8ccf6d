/**
 * The parts that all jobs on Spark share. Each has a package of its own below; they meet in tables, and none knows
 * another.
 */
@NullMarked
package io.hindcast.stage;

import org.jspecify.annotations.NullMarked;
