/** The job stats: the statistics of a dataset and its scorecard. */
@NullMarked
package io.hindcast.stage.stats;

import org.jspecify.annotations.NullMarked;
