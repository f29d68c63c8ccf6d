/** How fast hindcast is on this machine: updates, stages and whole training jobs, measured from above the stages. */
@NullMarked
package io.hindcast.bench;

import org.jspecify.annotations.NullMarked;
