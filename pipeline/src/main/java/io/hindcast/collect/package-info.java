/** Collects episodes: a policy acts in an environment, and its steps become transitions. */
@NullMarked
package io.hindcast.collect;

import org.jspecify.annotations.NullMarked;
