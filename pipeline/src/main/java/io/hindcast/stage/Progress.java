package io.hindcast.stage;

import io.hindcast.config.Secrets;

/** Where a stage reports its progress to the user. */
@FunctionalInterface
public interface Progress {
    /** Says one line, for example {@code [ingest] 20 files}. */
    void say(String line);

    /** Tells where something was thrown, in several lines, if the user wants to know. */
    default void trace(String text) {}

    /** A text that will stand in a file, without the secrets that are known. */
    default String withoutSecrets(String text) {
        return Secrets.hideByForm(text);
    }
}
