package io.hindcast.config;

import java.io.Serializable;

/**
 * A value of a setting that may hold a secret. Its text, which is what stands in messages, {@code --dry-run} and tables, hides the
 * secret; so two values that differ in it alone are the same configuration.
 */
public sealed interface Guarded extends Serializable permits Secret, Address {
    /** The value as it was given, for whoever needs it to work; never to be shown or written. */
    String reveal();
}
