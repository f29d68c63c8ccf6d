/** One algorithm, one file: settings, state, losses and the update in the paper's order. */
@NullMarked
package io.hindcast.learn;

import org.jspecify.annotations.NullMarked;
