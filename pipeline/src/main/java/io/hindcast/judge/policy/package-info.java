/** Policies that are judged: how likely each does what was logged, and the estimates of all of them from the same two passes. */
@NullMarked
package io.hindcast.judge.policy;

import org.jspecify.annotations.NullMarked;
