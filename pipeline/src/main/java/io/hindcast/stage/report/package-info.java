/** The job report: what the tables hold, as a page and as files. */
@NullMarked
package io.hindcast.stage.report;

import org.jspecify.annotations.NullMarked;
