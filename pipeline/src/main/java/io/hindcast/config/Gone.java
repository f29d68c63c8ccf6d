package io.hindcast.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key that a record of settings no longer has; a configuration that still has it gets a message that says what to do
 * instead.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Gone {
    /** The key. */
    String key();

    /** What became of it, and what to do instead: the end of a message. */
    String instead();
}
