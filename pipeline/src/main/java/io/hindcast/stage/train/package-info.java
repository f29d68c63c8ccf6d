/** The job train: runs on subsets, as tasks of Spark. */
@NullMarked
package io.hindcast.stage.train;

import org.jspecify.annotations.NullMarked;
