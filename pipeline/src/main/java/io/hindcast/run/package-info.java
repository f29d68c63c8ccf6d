/** One training run: its specification, random numbers, loop, checkpoints, metrics and outcome; and how fast runs go. */
@NullMarked
package io.hindcast.run;

import org.jspecify.annotations.NullMarked;
