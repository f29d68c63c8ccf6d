/** From logged rows to episodes of transitions: what follows what, where an episode ends, and what is quarantined. */
@NullMarked
package io.hindcast.timeline;

import org.jspecify.annotations.NullMarked;
