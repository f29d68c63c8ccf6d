package io.hindcast.config;

import org.jspecify.annotations.Nullable;

/**
 * A failure while running whose cause is neither the configuration nor hindcast: an environment raised an exception,
 * executors were lost. The message is one line as a {@link UserException}'s. A job that ends with it exits with code 3
 * and prints no stack trace.
 */
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A line of the form "Cannot &lt;verb&gt; &lt;thing&gt;: &lt;reason with the value&gt;; &lt;the way on&gt;". */
    public RunFailure(String message) {
        super(message);
    }

    /** The same, keeping what was caught for {@code --debug}. */
    public RunFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
