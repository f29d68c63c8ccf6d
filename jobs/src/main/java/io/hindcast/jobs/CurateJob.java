package io.hindcast.jobs;

/** The job {@code curate} as a class for spark-submit. */
public final class CurateJob {
    private CurateJob() {}

    /** Takes the options of {@code ./hindcast curate --help}. */
    public static void main(String[] args) {
        Hindcast.main("curate", args);
    }
}
