/** Which policy acts: the rule by which one replaces another, and what a registry remembers of it. */
@NullMarked
package io.hindcast.promote;

import org.jspecify.annotations.NullMarked;
