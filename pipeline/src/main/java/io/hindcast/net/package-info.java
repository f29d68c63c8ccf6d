/** Networks, policies, critics and the optimiser, on the kernels; native memory stops here. */
@NullMarked
package io.hindcast.net;

import org.jspecify.annotations.NullMarked;
