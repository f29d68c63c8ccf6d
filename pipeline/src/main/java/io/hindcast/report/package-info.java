/** Pages for people: the self-contained HTML report and its tables, in plain Java. */
@NullMarked
package io.hindcast.report;

import org.jspecify.annotations.NullMarked;
