/** What the jobs on Spark have in common. Each has a package of its own below; they meet in tables, and none knows another. */
@NullMarked
package io.hindcast.stage;

import org.jspecify.annotations.NullMarked;
