package io.hindcast.config;

/** A value that is a secret, or may be one, as a whole: the password of a database. */
public record Secret(String reveal) implements Guarded {
    @Override
    public String toString() {
        return Secrets.HIDDEN;
    }
}
