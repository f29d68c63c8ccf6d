/** What runs on Spark: collect, ingest, stats, curate, train, evaluate, report. Stages meet only in tables. */
@NullMarked
package io.hindcast.stage;

import org.jspecify.annotations.NullMarked;
