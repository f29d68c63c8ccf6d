package io.hindcast.config;

import org.jspecify.annotations.Nullable;

/**
 * The user's input or configuration is wrong. The message is one line that a user can act on: what could not be done, to
 * what, why (with the value), and how to mend it. A job that ends with it exits with code 2 and prints no stack trace.
 */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A line of the form "Cannot &lt;verb&gt; &lt;thing&gt;: &lt;reason with the value&gt;; &lt;how to mend it&gt;". */
    public UserException(String message) {
        super(message);
    }

    /** The same, keeping what was caught for {@code --debug}. */
    public UserException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
