package io.hindcast.jobs;

/** The job {@code bench data} as a class. */
public final class BenchDataJob {
    private BenchDataJob() {}

    /** Takes the options of {@code ./hindcast bench data --help}. */
    public static void main(String[] args) {
        Hindcast.main("bench-data", args);
    }
}
