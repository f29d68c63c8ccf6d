/** One training run: its specification, random numbers, loop, checkpoints, metrics and outcome. */
@NullMarked
package io.hindcast.run;

import org.jspecify.annotations.NullMarked;
