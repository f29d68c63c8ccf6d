/** The job collect: episodes from an environment into the tables of transitions. */
@NullMarked
package io.hindcast.stage.collect;

import org.jspecify.annotations.NullMarked;
