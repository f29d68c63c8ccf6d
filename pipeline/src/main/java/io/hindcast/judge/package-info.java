/** What a policy is worth by logs alone: estimators, their errors and their bounds, as sums that merge. */
@NullMarked
package io.hindcast.judge;

import org.jspecify.annotations.NullMarked;
