package io.hindcast.config;

/** A value that is, or may be, a secret as a whole: the password of a database. */
public record Secret(String reveal) implements Guarded {
    @Override
    public String toString() {
        return Secrets.HIDDEN;
    }
}
