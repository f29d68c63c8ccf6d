/** Statistics of a dataset: states that merge, exact wherever the rows are cut, and the checks made of them. */
@NullMarked
package io.hindcast.stats;

import org.jspecify.annotations.NullMarked;
