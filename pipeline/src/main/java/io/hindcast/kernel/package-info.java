/** The numbers: plain loops that define every operation, and fast kernels on ND4J's BLAS that must agree with them. */
@NullMarked
package io.hindcast.kernel;

import org.jspecify.annotations.NullMarked;
