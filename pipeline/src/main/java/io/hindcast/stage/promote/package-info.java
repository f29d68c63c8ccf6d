/** The job promote: whether another policy acts from now on, and the registry that remembers it. */
@NullMarked
package io.hindcast.stage.promote;

import org.jspecify.annotations.NullMarked;
