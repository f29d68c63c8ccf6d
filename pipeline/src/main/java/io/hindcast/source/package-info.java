/** Readers of foreign file formats in plain Java, strict against hostile input. */
@NullMarked
package io.hindcast.source;

import org.jspecify.annotations.NullMarked;
