/** Plain records of the problem: transitions, episodes, action spaces, batches, the replay buffer and mergeable statistics. */
@NullMarked
package io.hindcast.data;

import org.jspecify.annotations.NullMarked;
