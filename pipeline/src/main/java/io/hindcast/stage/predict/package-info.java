/** Lets a policy decide in the rows of any table. */
@NullMarked
package io.hindcast.stage.predict;

import org.jspecify.annotations.NullMarked;
