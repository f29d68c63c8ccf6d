/** Policies as estimators and models of Spark ML, with the names and habits of that library. */
@NullMarked
package io.hindcast.ml;

import org.jspecify.annotations.NullMarked;
