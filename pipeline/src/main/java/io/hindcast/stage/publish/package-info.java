/** Copies what is published into the user's own tables of Delta or Iceberg: a version is one commit there. */
@NullMarked
package io.hindcast.stage.publish;

import org.jspecify.annotations.NullMarked;
