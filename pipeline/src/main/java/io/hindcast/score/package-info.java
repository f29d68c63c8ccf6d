/** How good a policy is: rollouts, and aggregates over seeds. */
@NullMarked
package io.hindcast.score;

import org.jspecify.annotations.NullMarked;
