/** The job evaluate: checkpoints play in an environment. */
@NullMarked
package io.hindcast.stage.evaluate;

import org.jspecify.annotations.NullMarked;
