/** Pictures as SVG: axes, lines, bars and maps, for light and for dark ground. */
@NullMarked
package io.hindcast.report.chart;

import org.jspecify.annotations.NullMarked;
