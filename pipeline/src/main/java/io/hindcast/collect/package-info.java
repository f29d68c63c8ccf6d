/** Collects episodes: somebody acts in an environment, and what happened becomes transitions. */
@NullMarked
package io.hindcast.collect;

import org.jspecify.annotations.NullMarked;
