/** Pictures and pages for people: SVG charts and the self-contained HTML report, in plain Java. */
@NullMarked
package io.hindcast.report;

import org.jspecify.annotations.NullMarked;
