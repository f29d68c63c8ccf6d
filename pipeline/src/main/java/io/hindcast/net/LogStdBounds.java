package io.hindcast.net;

import io.hindcast.config.UserException;

/** The bounds of a Gaussian policy's log standard deviation; outside of them, or if they are one number, its gradient is zero. */
public record LogStdBounds(double least, double greatest) {
    /** Of any float. */
    static final LogStdBounds NONE = new LogStdBounds(-Float.MAX_VALUE, Float.MAX_VALUE);

    /** @throws UserException if the settings {@code log-std-min} and {@code log-std-max} are not in order */
    public LogStdBounds {
        if (!(least <= greatest)) {
            throw new UserException(
                    "Cannot use log-std-min = " + least + ": it is above log-std-max = " + greatest + "; swap them");
        }
    }

    /** {@code value}, or the bound it is beyond. */
    float clamp(float value) {
        return (float) Math.min(greatest, Math.max(least, value));
    }

    /** Whether {@code value} is within the bounds, which are, and can be learned there. */
    boolean contain(float value) {
        return least < greatest && value >= least && value <= greatest;
    }
}
