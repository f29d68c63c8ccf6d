/** Environments that an agent acts in, and behaviour policies that collect data in them. */
@NullMarked
package io.hindcast.env;

import org.jspecify.annotations.NullMarked;
