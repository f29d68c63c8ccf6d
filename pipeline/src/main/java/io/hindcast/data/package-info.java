/** Plain records of the problem: transitions, episodes, action spaces, batches and the replay buffer. */
@NullMarked
package io.hindcast.data;

import org.jspecify.annotations.NullMarked;
