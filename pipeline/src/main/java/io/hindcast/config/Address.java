package io.hindcast.config;

/** A path or URI, which may hold a password: {@code ftp://me:password@host/logs} prints as {@code ftp://me:***@host/logs}. */
public record Address(String reveal) implements Guarded {
    /** Whether something in it is hidden. */
    public boolean holdsSecret() {
        return !toString().equals(reveal);
    }

    @Override
    public String toString() {
        return Secrets.hideWithin(reveal);
    }
}
