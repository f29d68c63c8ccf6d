package io.hindcast.jobs;

/** The job {@code promote} as a class for spark-submit. */
public final class PromoteJob {
    private PromoteJob() {}

    /** Takes the options of {@code ./hindcast promote --help}. */
    public static void main(String[] args) {
        Hindcast.main("promote", args);
    }
}
