/** The job ingest: logs in files of many formats into the tables of transitions. */
@NullMarked
package io.hindcast.stage.ingest;

import org.jspecify.annotations.NullMarked;
