package io.hindcast.stage;

/** Where a stage tells the user what it is doing. */
@FunctionalInterface
public interface Progress {
    /** Says one line, for example {@code [ingest] 20 files}. */
    void say(String line);
}
