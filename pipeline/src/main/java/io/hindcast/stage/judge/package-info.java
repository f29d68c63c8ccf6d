/** The job judge: what policies are worth by a log alone. */
@NullMarked
package io.hindcast.stage.judge;

import org.jspecify.annotations.NullMarked;
