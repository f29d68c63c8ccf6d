/** The job curate: subsets of the episodes, and what is done to their rows. */
@NullMarked
package io.hindcast.stage.curate;

import org.jspecify.annotations.NullMarked;
